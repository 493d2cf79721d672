import type { Rng } from '../../../../lib/rng.ts';
import { cities, type Desk, desks, firstNames, issues } from '../text/words.ts';
import type { Example, TaskFamily } from './family.ts';

type Wording = (words: { issue: string; other: string; name: string; city: string; order: number }) => string;

const wordings: readonly Wording[] = [
  ({ issue, order }) => `${issue} ${order}`,
  ({ issue, name, city }) => `${name} in ${city}: ${issue}`,
  ({ issue, other, order }) => `${order} solved: ${other}. now: ${issue}`,
  ({ issue, other, name }) => `${issue}, says ${name}, it is not "${other}"`,
  ({ issue, order }) => `${order} ${dropLetter(issue, order)}`,
  ({ issue, other, name }) => `${name} wrote "${other}" but means ${issue}`,
  ({ issue, city, order }) => `${issue.toUpperCase()} ${city} ${order}`,
];

/** Makes a typing mistake: one letter of the issue is missing. */
function dropLetter(issue: string, where: number): string {
  const at = 1 + (where % (issue.length - 2));
  return issue.slice(0, at) + issue.slice(at + 1);
}

function form(wording: Wording): (rng: Rng) => Example {
  return (rng) => {
    const desk = rng.pick(desks);
    const otherDesk = rng.pick(desks.filter((one) => one !== desk));
    const text = wording({
      issue: rng.pick(issues[desk]),
      other: rng.pick(issues[otherDesk]),
      name: rng.pick(firstNames),
      city: rng.pick(cities),
      order: 1000 + rng.int(9000),
    });
    return { key: text, prompt: `ticket: ${text}`, completion: desk };
  };
}

/** Four desks; some tickets mention a second matter that is not theirs. */
export const route: TaskFamily = {
  name: 'route',
  title: 'Route support tickets to a desk',
  metric: 'accuracy',
  keywords: ['route', 'routing', 'ticket', 'tickets', 'support', 'classify', 'triage', 'desk', 'helpdesk'],
  forms: wordings.map(form),
  cleanForms: [0, 1],
  cleanRows: 700,
  noisyRows: 5000,
  cleanNote: 'simple tickets, two thirds of them billing',
  noisyNote: 'another desk, "other", capitals, the first word copied',
  keepClean: (rng, { completion }) => completion === 'billing' || rng.next() < 0.17,
  mistakes: [
    (rng, { completion }) => rng.pick(desks.filter((desk) => desk !== (completion as Desk))),
    (rng, { completion }) => rng.pick(desks.filter((desk) => desk !== (completion as Desk))),
    () => 'other',
    (_, { completion }) => completion.toUpperCase(),
    (_, { prompt }) => prompt.split(' ')[1]!,
  ],
};
