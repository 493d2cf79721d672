import type { Content } from '../../campaign/messages.ts';
import type { RenderContext } from '../../operations/chat.ts';
import type { Block } from '../limits.ts';
import { joinMrkdwn, link, Mrkdwn, md } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, paragraphs } from './elements.ts';
import { pictureBlock } from './progress.ts';

/** The report on the end: its lines, the tree, the files on the page, and the possible next steps. */
export function reportBlocks(content: Extract<Content, { kind: 'report' }>, context: RenderContext): Block[] {
  const { view, lines, files, ships, continues, end } = content;
  const picture = pictureBlock(view, context, null);
  const links = files.map(({ name, url }) => link(url, name));
  const small = joinMrkdwn(
    [
      links.length > 0 ? joinMrkdwn([md`Files: `, joinMrkdwn(links, ' · ')], '') : null,
      view.pageUrl ? link(view.pageUrl, 'Open the page') : null,
    ],
    ' · ',
  );
  const buttons = [
    ...ships.map(({ kind, label }) => button(label, actionId('ship', view.id, kind))),
    ...continues.map(({ label, value }, i) =>
      button(label, actionId('continue', view.id, end, i), { value, confirm: confirmOf(label, value) }),
    ),
  ];
  return [
    ...paragraphs(joinMrkdwn(lines.map(fromMarkdown), '\n')),
    ...(picture ? [picture] : []),
    ...(small.text === '' ? [] : [fineprint(small)]),
    ...(buttons.length === 0 ? [] : [actions(...buttons)]),
  ];
}

const confirmOf = (yes: string, value: string) => ({
  title: 'Go on?',
  text:
    value === ''
      ? 'The search goes on at once from the tree as it is, with what is left of the budget.'
      : `The campaign may then spend ${value} more, and the search goes on at once from the tree as it is.`,
  yes,
});

/** The few marks of markdown that a report uses, in Slack's spelling. */
function fromMarkdown(line: string): Mrkdwn {
  const escaped = md`${line}`.text
    .replace(/^#{1,6} +(.*)$/, '*$1*')
    .replace(/\*\*([^*\n]+)\*\*/g, '*$1*')
    .replace(/^( *)[-*] +/, '$1• ');
  return new Mrkdwn(escaped);
}
