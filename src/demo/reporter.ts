import type { CampaignView } from '../campaign/view.ts';
import { headline } from '../report/sentences/status.ts';

export interface Reporter {
  /** A finished line. */
  line(text: string): void;
  /** One live line with a bar on a terminal; in a pipe a plain line whenever something changed. */
  progress(view: CampaignView | null): void;
  transcript(messages: { who: string; text: string }[]): void;
}

const barWidth = 20;

export function createReporter(out: NodeJS.WriteStream): Reporter {
  const live = out.isTTY === true;
  let last = '';
  const clear = (): void => {
    if (live) out.write('\r\x1b[2K');
  };
  return {
    line: (text) => {
      clear();
      out.write(`${text}\n`);
      if (live) out.write(last);
    },
    progress: (view) => {
      const text = view === null ? 'reading the request' : lineOf(view);
      if (text === last) return;
      last = text;
      if (live) {
        clear();
        out.write(text.slice(0, Math.max(20, (out.columns ?? 80) - 1)));
      } else out.write(`${text}\n`);
    },
    transcript: (messages) => {
      clear();
      last = '';
      out.write('\n--- the thread ---\n');
      for (const { who, text } of messages) {
        const lines = text.trim().split('\n');
        out.write(`${who.padEnd(5)} ${lines.join('\n      ')}\n`);
      }
      out.write('------------------\n');
    },
  };
}

function lineOf(view: CampaignView): string {
  const limit = view.budget.limit.computeSeconds;
  const share = limit === null ? 0 : Math.min(1, view.budget.spent.computeSeconds / limit);
  const filled = Math.round(share * barWidth);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
  return `${bar} ${view.state} · ${headline(view).replace(/\*/g, '')}`;
}
