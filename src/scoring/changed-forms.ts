import { byPromptShape, type PromptForm } from './prompt-forms.ts';

/** Fewer items of one form are no pattern, and neither is a form that is as frequent among all items. */
const least = { items: 3, lift: 1.3 };

export interface ChangedForms {
  /** The form that most of the items have which got better, or worse; null when none stands out. */
  gained: { form: string; items: number; of: number } | null;
  lost: { form: string; items: number; of: number } | null;
}

/** What the items have in common on which two systems differ. `change` is the second's score less the first's. */
export function changedForms(items: readonly { prompt: string; change: number }[]): ChangedForms {
  const standsOut = (isOne: (change: number) => boolean): ChangedForms['gained'] => {
    const marked = items.map(({ prompt, change }) => ({ prompt, failed: isOne(change) }));
    const of = marked.filter(({ failed }) => failed).length;
    const [most] = byPromptShape(marked);
    if (most === undefined || most.failed < least.items) return null;
    return isTelling(most, items.length) ? { form: most.form, items: most.failed, of } : null;
  };
  return { gained: standsOut((change) => change > 0), lost: standsOut((change) => change < 0) };
}

const isTelling = ({ shareOfFailures, items }: PromptForm, all: number): boolean =>
  shareOfFailures >= least.lift * (items / all);
