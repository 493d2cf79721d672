import type { Content } from '../../campaign/messages.ts';
import type { RenderContext } from '../bot-port.ts';
import type { Block } from '../limits.ts';
import { joinMrkdwn, link, Mrkdwn, md } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, paragraphs } from './elements.ts';
import { pictureBlock } from './progress.ts';

/** The end: the report's lines, the tree, what was written to disk, and where it can be shipped to. */
export function reportBlocks(content: Extract<Content, { kind: 'report' }>, context: RenderContext): Block[] {
  const { view, lines, files, ships } = content;
  const picture = pictureBlock(view, context, null);
  const small = joinMrkdwn(
    [
      files.length > 0
        ? joinMrkdwn(
            [
              md`Files: `,
              joinMrkdwn(
                files.map((f) => md`${f.name}`),
                ' · ',
              ),
            ],
            '',
          )
        : null,
      view.pageUrl ? link(view.pageUrl, 'Open the page') : null,
    ],
    ' · ',
  );
  return [
    ...paragraphs(joinMrkdwn(lines.map(fromMarkdown), '\n')),
    ...(picture ? [picture] : []),
    ...(small.text === '' ? [] : [fineprint(small)]),
    ...(ships.length === 0
      ? []
      : [actions(...ships.map(({ kind, label }) => button(label, actionId('ship', view.id, kind))))]),
  ];
}

/** The few marks of markdown that a report uses, in Slack's spelling. */
function fromMarkdown(line: string): Mrkdwn {
  const escaped = md`${line}`.text
    .replace(/^#{1,6} +(.*)$/, '*$1*')
    .replace(/\*\*([^*\n]+)\*\*/g, '*$1*')
    .replace(/^( *)[-*] +/, '$1• ');
  return new Mrkdwn(escaped);
}
