import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  approvalStates,
  campaignStates,
  isFinalCampaign,
  isFinalNode,
  isFinalTrial,
  mayMoveCampaign,
  mayMoveNode,
  nodeStates,
  trialStates,
} from './states.ts';

const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');

interface Diagram {
  states: Set<string>;
  /** `from > to`, sorted. */
  moves: string[];
}

/** The state diagram below a heading of the README. */
function diagramOf(heading: string): Diagram {
  const text = readme.split(/^### /m).find((section) => section.startsWith(`${heading}\n`)) ?? '';
  const [, body = ''] = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(text) ?? [];
  const arrows = [...body.matchAll(/^\s*(\S+) --> (\w+)/gm)].map(
    ([, from = '', to = '']) => [from, to] as const,
  );
  return {
    states: new Set(arrows.flat().filter((name) => name !== '[*]')),
    moves: arrows
      .filter(([from]) => from !== '[*]')
      .map(([from, to]) => `${from} > ${to}`)
      .sort(),
  };
}

const allowed = <State extends string>(
  states: readonly State[],
  may: (from: State, to: State) => boolean,
): string[] =>
  states.flatMap((from) => states.filter((to) => may(from, to)).map((to) => `${from} > ${to}`)).sort();

/** States that no arrow leaves. */
const ends = ({ states, moves }: Diagram): string[] =>
  [...states].filter((state) => !moves.some((move) => move.startsWith(`${state} > `))).sort();

describe('the diagrams in the README', () => {
  test('campaign: every state, and exactly the moves that are allowed', () => {
    const diagram = diagramOf('Campaign');
    expect([...diagram.states].sort()).toEqual([...campaignStates].sort());
    expect(diagram.moves).toEqual(allowed(campaignStates, mayMoveCampaign));
    expect(ends(diagram)).toEqual(['failed']);
  });

  test('campaign: what has ended goes on only as a search', () => {
    for (const state of campaignStates.filter(isFinalCampaign))
      expect(campaignStates.filter((to) => mayMoveCampaign(state, to))).toEqual(
        state === 'failed' ? [] : ['searching'],
      );
  });

  test('node: every state, and exactly the moves that are allowed', () => {
    const diagram = diagramOf('Node');
    expect([...diagram.states].sort()).toEqual([...nodeStates].sort());
    expect(diagram.moves).toEqual(allowed(nodeStates, mayMoveNode));
    expect(ends(diagram)).toEqual(['failed', 'scored']);
    for (const state of nodeStates.filter(isFinalNode))
      expect(nodeStates.filter((to) => mayMoveNode(state, to))).toEqual(
        state === 'withdrawn' ? ['running'] : [],
      );
  });

  test('trial: every state, and the final ones have no way out', () => {
    const diagram = diagramOf('Trial');
    expect([...diagram.states].sort()).toEqual([...trialStates].sort());
    expect(ends(diagram)).toEqual(trialStates.filter(isFinalTrial).sort());
  });

  test('approval: pending is decided once', () => {
    const diagram = diagramOf('Approval');
    expect([...diagram.states].sort()).toEqual([...approvalStates].sort());
    expect(diagram.moves).toEqual(['pending > approved', 'pending > rejected', 'pending > withdrawn']);
  });

  test('job: the states of the row', () => {
    expect([...diagramOf('Job').states].sort()).toEqual(['ended', 'harvested', 'intent', 'live']);
  });
});

test('every word of the glossary has a line in the README', () => {
  for (const word of [
    'campaign',
    'brief',
    'node',
    'strategy',
    'trial',
    'run spec',
    'recipe',
    'job',
    'split',
    'score',
    'insight',
    'approval',
    'ledger',
    'inbox',
    'outbox',
  ]) {
    expect(readme).toContain(`| ${word} |`);
  }
});
