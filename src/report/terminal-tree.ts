import type { CampaignView, NodeView } from '../campaign/view.ts';
import { clip, percentText } from '../lib/text.ts';
import { costText, deltaText, oneLine, scoreText } from './format.ts';
import { evidenceOf, progressOf } from './picture/facts.ts';
import { type RowPlace, rowPlaces } from './picture/row-places.ts';
import { shapeOf } from './picture/shape.ts';
import { headline, nowLine } from './sentences/status.ts';

const maxLanes = 16;
const titleLength = 60;

const codes = {
  bold: '1',
  grey: '90',
  red: '31',
  green: '32',
  orange: '33',
  blue: '34',
  purple: '35',
} as const;
type Ink = keyof typeof codes;

function mark(node: NodeView, best: boolean): { sign: string; ink: Ink } {
  switch (node.state) {
    case 'scored':
      return best ? { sign: '★', ink: 'orange' } : { sign: '●', ink: 'blue' };
    case 'running':
      return { sign: '◉', ink: 'purple' };
    case 'awaiting_approval':
      return { sign: '◇', ink: 'orange' };
    case 'failed':
      return { sign: '✗', ink: 'red' };
    case 'planned':
      return { sign: '○', ink: 'grey' };
    case 'withdrawn':
      return { sign: '·', ink: 'grey' };
  }
}

function outcome(node: NodeView): string {
  if (node.score) return scoreText(node.score);
  const progress = progressOf(node);
  if (node.waiting) return 'in the queue';
  if (node.state === 'running') return progress === null ? 'running' : `running ${percentText(progress)}`;
  return node.state === 'awaiting_approval' ? 'waits for you' : node.state;
}

/** For each row, the lanes left of it whose rail goes on below; a lane is open from a node to its main child. */
function openLanes(rows: readonly RowPlace[]): Set<number>[] {
  const until = new Map<number, number>();
  rows.forEach((row, i) => {
    if (row.main && row.parentRow !== null) until.set(row.parentRow, i);
  });
  const open = new Map<number, number>();
  return rows.map((row, i) => {
    for (const [lane, end] of open) if (end <= i) open.delete(lane);
    const here = new Set(open.keys());
    const end = until.get(i);
    if (end !== undefined) open.set(row.lane, end);
    return here;
  });
}

/** The tree as lines for a terminal: rails like `git log --graph`, children below their parent, best path on the left. */
export function treeText(view: CampaignView, options: { colour: boolean }): string {
  const ink = (text: string, name: Ink): string =>
    options.colour && text.trim() !== '' ? `\u001b[${codes[name]}m${text}\u001b[0m` : text;
  const shape = shapeOf(view);
  const { rows } = rowPlaces(shape, Number.POSITIVE_INFINITY);
  const lanes = openLanes(rows);
  const width = 2 * rows.reduce((most, row) => Math.max(most, Math.min(row.lane, maxLanes)), 0) + 1;
  const lines = [
    options.colour
      ? headline(view).replace(/^\*([^*]*)\*/, (_, title: string) => ink(title, 'bold'))
      : headline(view).replace(/^\*([^*]*)\*/, '$1'),
    '',
  ];
  rows.forEach((row, i) => {
    const { node, onPath } = row.branch;
    const lane = Math.min(row.lane, maxLanes);
    let rails = '';
    for (let at = 0; at < lane; at++) {
      const joins = !row.main && at === lane - 1;
      rails += joins ? '├─' : lanes[i]?.has(at) ? '│ ' : '  ';
    }
    const { sign, ink: colour } = mark(node, row.branch === shape.best);
    const pad = ' '.repeat(width - 2 * lane - 1);
    const evidence = evidenceOf(node);
    const delta = (node.delta ? deltaText(node.delta.difference) : '').padStart(7);
    const score = outcome(node).padEnd(15);
    lines.push(
      [
        `${ink(rails, 'grey')}${ink(sign, colour)}${pad}`,
        node.score ? (onPath ? ink(score, 'bold') : score) : ink(score, colour),
        evidence === 'better'
          ? ink(delta, 'green')
          : evidence === 'worse'
            ? ink(delta, 'red')
            : ink(delta, 'grey'),
        `#${node.number} ${clip(oneLine(node.title), titleLength)}`.padEnd(1),
        node.cost.computeSeconds > 0 ? ink(costText(node.cost), 'grey') : '',
      ]
        .join('  ')
        .trimEnd(),
    );
  });
  lines.push('', nowLine(view));
  return lines.join('\n');
}
