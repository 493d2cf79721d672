/** All limits of one run of a `python_map`. */
export interface SandboxLimits {
  /** From start to end, milliseconds. */
  wallMs: number;
  /** Of processor time. */
  cpuSeconds: number;
  /** Address space: CPython with its standard library takes about 30 MB of it. */
  memoryBytes: number;
  /** Of its own folder, which is memory and goes with it. */
  folderBytes: number;
  /** Of one file. */
  fileBytes: number;
  openFiles: number;
  /** Processes and threads beside the one that runs the code. */
  processes: number;
  /** What the answer may be larger than the rows, times, and beside that. */
  answerFactor: number;
  answerBytes: number;
  /** Of any answer: it is held as one text. */
  mostAnswerBytes: number;
  /** Of what is printed, the last so many are kept: a sandbox that cannot be started says there why. */
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
  mostAnswerBytes: 256e6,
  printedBytes: 4000,
};
