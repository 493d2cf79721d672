const maxLines = 20;
const maxLineLength = 300;

/** `ModuleNotFoundError: No module named 'trl'`, `torch.OutOfMemoryError: CUDA out of memory…`, `KeyboardInterrupt` */
const exceptionLine = /^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Failure)(?::|$)/;
const tracebackHead = /^Traceback \(most recent call last\):/;

/** Error messages of programs and systems, outside of a traceback. */
const complaints = [
  /\berror\b/i,
  /\bfatal\b/i,
  /^panic:/,
  /command not found/,
  /No such file or directory/,
  /cannot execute/,
  /Permission denied/i,
  /No space left on device|Disk quota exceeded/,
  /out of memory|oom-kill|exceeded memory limit/i,
  /\bKilled\b/,
  /Segmentation fault|Bus error|core dumped/,
  /CANCELLED AT|DUE TO TIME LIMIT|PREEMPTION|NODE FAILURE/,
];
/** Lines that use those words without an error. */
const harmless =
  /warn(?:ing)?\b|\b0 errors?\b|errors?[=:] ?(?:0|None|False)\b|ignor(?:ed|ing)|error_rate|word_error/i;

/** A progress bar is one line of a log: its last state counts. Only the first thousand characters are read. */
const shown = (line: string): string => line.trimEnd().split('\r').at(-1)?.slice(0, 1000) ?? '';

/** Ranks of a job under torchrun and hosts under srun print their name before each line. */
const prefixed = /^(\s*(?:\[(?:rank|default)\d+\]|\d+):) ?(.*)$/s;

interface Line {
  /** The rank or host that printed the line; empty where lines have no prefix. */
  by: string;
  text: string;
}

function readLine(line: string): Line {
  const said = shown(line);
  const [, by = '', text = said] = prefixed.exec(said) ?? [];
  return { by: by.trim(), text };
}

/**
 * The lines of a log that explain an error, most important first: the exception of a traceback and then its calls,
 * innermost first; else the first complaint and the lines after it; else the end of the log. At most 20 lines of 300
 * characters.
 */
export function usefulLines(text: string): { lines: string[]; isComplaint: boolean } {
  const lines = text.split('\n').map(readLine);
  const at = lines.findIndex(({ text: said }) => tracebackHead.test(said) || complains(said));
  const found =
    at < 0
      ? lines
          .map((line) => line.text)
          .filter(isFilled)
          .slice(-maxLines)
      : linesFrom(lines, at);
  return {
    lines: found.slice(0, maxLines).map((line) => line.slice(0, maxLineLength)),
    isComplaint: at >= 0,
  };
}

const isFilled = (text: string): boolean => text.trim() !== '';

const complains = (text: string): boolean =>
  exceptionLine.test(text) || (!harmless.test(text) && complaints.some((pattern) => pattern.test(text)));

/** The lines that the same process printed from there on. */
function linesFrom(all: readonly Line[], at: number): string[] {
  const { by } = all[at] as Line;
  const lines = all
    .slice(at, at + 2000)
    .filter((line) => line.by === by)
    .map((line) => line.text);
  const head = lines[0] as string;
  if (!tracebackHead.test(head)) return lines.filter(isFilled);
  const end = lines.findIndex((line, index) => index > 0 && isFilled(line) && !/^\s/.test(line));
  // The log was cut inside the traceback.
  if (end < 0) return lines.filter(isFilled);
  // Without prefixes the next lines may be of another process, and are left out.
  const rest = by === '' ? [] : lines.slice(end + 1, end + 4);
  const isNext = rest.findIndex((line) => tracebackHead.test(line));
  const message = isNext < 0 ? rest : rest.slice(0, isNext);
  return [lines[end] as string, ...message.filter(isFilled), ...framesOf(lines.slice(1, end))];
}

/** `File "train.py", line 12, in main` with its line of code each, innermost first. */
function framesOf(lines: readonly string[]): string[] {
  const frames: string[] = [];
  for (const line of lines) {
    const said = line.trim();
    if (said === '' || /^[~^]+$/.test(said)) continue;
    if (said.startsWith('File "')) frames.push(said);
    else if (frames.length > 0) frames.push(`${frames.pop()}: ${said}`);
  }
  return frames.reverse();
}
