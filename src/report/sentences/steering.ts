import type { DatasetRef } from '../../campaign/brief.ts';
import type { Strategy } from '../../campaign/states.ts';
import type { NamedSources, Steering, Wish } from '../../campaign/steering.ts';
import { methodNames } from '../../campaign/training-support.ts';
import { countText, listText, numberText } from '../../lib/text.ts';
import { oneLine, shortText } from '../format.ts';

const kinds: Record<Strategy, string> = {
  establish_baseline: 'baseline nodes',
  refine_data_pipeline: 'data cleaning nodes',
  construct_synthetic_data: 'synthetic data nodes',
  adjust_training_scheme: 'training scheme nodes',
};
const names = (nodes: readonly number[]): string => listText(nodes.map((n) => `#${n}`));

const weightText = (strategy: Strategy, weight: number): string =>
  weight === 1
    ? `${kinds[strategy]} count as usual again`
    : `${kinds[strategy]} count ${shortText(weight)}${weight < 1 ? ' of what is usual' : ' times as much'}`;

const addedText = ({ name, rows, badRows }: DatasetRef): string =>
  `${oneLine(name)} is one more source, ${countText(rows, 'row')}${badRows > 0 ? `, ${numberText(badRows)} unreadable left out` : ''}; rows that stand in the evaluation data are removed from it, and I prefer nodes that bring it in`;

/** The changes of one steering message, a part each, for its confirmation. */
export function wishText(wish: Wish, named: NamedSources): string[] {
  const { ban, allow, pin, unpin } = wish;
  return [
    ...ban.methods.map((m) => `no more ${methodNames[m]}`),
    ...ban.strategies.map((s) => `no more ${kinds[s]}`),
    ...(ban.nodes.length === 0
      ? []
      : [
          `nothing new grows from ${names(ban.nodes)}, nor from what grew from there; what runs goes on, and scores still count`,
        ]),
    ...allow.methods.map((m) => `${methodNames[m]} is allowed again`),
    ...allow.strategies.map((s) => `${kinds[s]} are allowed again`),
    ...(allow.nodes.length === 0 ? [] : [`${names(allow.nodes)} may grow again`]),
    ...(pin.length === 0 ? [] : [`I grow from ${names(pin)} first, as long as there is room below`]),
    ...(unpin.length === 0 ? [] : [`${names(unpin)} ${unpin.length === 1 ? 'is' : 'are'} no longer pinned`]),
    ...wish.weights.map(({ strategy, weight }) => weightText(strategy, weight)),
    ...named.added.map(addedText),
    ...(named.ids.length === 0 || named.added.length > 0
      ? []
      : [`I prefer nodes that bring in ${listText(named.ids.map(oneLine))}`]),
    ...(wish.focus === null ? [] : [`I prefer what concerns "${oneLine(wish.focus)}"`]),
  ];
}

/** All steering in force. */
export function steeringText(steering: Steering): string {
  const { pinnedNodes = [], bannedNodes = [], weights = {}, sources = [] } = steering;
  const parts = [
    ...steering.bannedMethods.map((m) => `no ${methodNames[m]}`),
    ...steering.bannedStrategies.map((s) => `no ${kinds[s]}`),
    ...(bannedNodes.length === 0 ? [] : [`nothing new from ${names(bannedNodes)}`]),
    ...(pinnedNodes.length === 0 ? [] : [`from ${names(pinnedNodes)} first`]),
    ...Object.entries(weights).map(([strategy, weight]) => weightText(strategy as Strategy, weight)),
    ...(sources.length === 0 ? [] : [`nodes that bring in ${listText(sources.map(oneLine))} preferred`]),
    ...(steering.addedData ?? []).map(
      ({ name, rows }) => `${oneLine(name)} added (${countText(rows, 'row')})`,
    ),
    ...(steering.focus.length === 0
      ? []
      : [`preferred: ${listText(steering.focus.map((f) => `"${oneLine(f)}"`))}`]),
  ];
  return parts.length === 0
    ? 'Nobody has steered this search: no bans, no pins, no wishes.'
    : `Standing wishes: ${parts.join('; ')}.`;
}
