import { byPromptShape, type PromptForm } from './prompt-forms.ts';

/** A form is a pattern from this many items on, when it is at least 1.3 times as frequent as among all items. */
const min = { items: 3, lift: 1.3 };

export interface ChangedForms {
  /** The most frequent form among the items that got better, or worse; null when none stands out. */
  gained: { form: string; items: number; of: number } | null;
  lost: { form: string; items: number; of: number } | null;
}

/** Finds the forms of items on which two systems differ. `change` is the second's score less the first's. */
export function changedForms(items: readonly { prompt: string; change: number }[]): ChangedForms {
  const standsOut = (isOne: (change: number) => boolean): ChangedForms['gained'] => {
    const marked = items.map(({ prompt, change }) => ({ prompt, failed: isOne(change) }));
    const of = marked.filter(({ failed }) => failed).length;
    const [most] = byPromptShape(marked);
    if (most === undefined || most.failed < min.items) return null;
    return isTelling(most, items.length) ? { form: most.form, items: most.failed, of } : null;
  };
  return { gained: standsOut((change) => change > 0), lost: standsOut((change) => change < 0) };
}

const isTelling = ({ shareOfFailures, items }: PromptForm, all: number): boolean =>
  shareOfFailures >= min.lift * (items / all);
