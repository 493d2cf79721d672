/** All limits of one run of a `python_map`. */
export interface SandboxLimits {
  /** Time from start to end, milliseconds. */
  wallMs: number;
  /** Processor time. */
  cpuSeconds: number;
  /** Address space: CPython with its standard library takes about 30 MB of it. */
  memoryBytes: number;
  /** Size of its own folder, which is memory and is removed with the sandbox. */
  folderBytes: number;
  /** Size of one file. */
  fileBytes: number;
  openFiles: number;
  /** Processes and threads beside the one that runs the code. */
  processes: number;
  /** The answer may have at most `answerFactor` times the bytes of the rows, and `answerBytes` more. */
  answerFactor: number;
  answerBytes: number;
  /** No answer may have more bytes than this: it is held as one text. */
  maxAnswerBytes: number;
  /** Bytes kept of the end of the output; it holds the reason when the sandbox does not start. */
  printedBytes: number;
}

export const sandboxLimits: SandboxLimits = {
  wallMs: 60_000,
  cpuSeconds: 50,
  memoryBytes: 512 * 2 ** 20,
  folderBytes: 64 * 2 ** 20,
  fileBytes: 32 * 2 ** 20,
  openFiles: 32,
  processes: 0,
  answerFactor: 5,
  answerBytes: 2 ** 20,
  maxAnswerBytes: 256e6,
  printedBytes: 4000,
};
