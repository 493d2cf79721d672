import type { Content } from '../../campaign/messages.ts';
import { findingLines, findingsHead, findingsProblems } from '../../report/sentences/findings.ts';
import type { Block } from '../limits.ts';
import { joinMrkdwn, link, md } from '../mrkdwn.ts';
import { fineprint, paragraphs } from './elements.ts';

/** Published work: a line each with its link, and the sources that did not answer in small print. */
export function findingsBlocks({ findings }: Extract<Content, { kind: 'findings' }>): Block[] {
  const lines = findingLines(findings).map(({ title, url, text }) => md`• ${link(url, title)}: ${text}`);
  const problems = findingsProblems(findings);
  return [
    ...paragraphs(joinMrkdwn([md`${findingsHead(findings)}`, ...lines], '\n')),
    ...(problems === null ? [] : [fineprint(md`${problems}`)]),
  ];
}
