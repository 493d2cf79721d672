/** Code to run over rows, both untrusted. `rows` and the answer are JSONL; `seed` is for the code's own draws. */
export interface SandboxJob {
  code: string;
  seed: number;
  rows: string;
}

/** Runs Python that a language model wrote. */
export interface Sandbox {
  /** The access and limits of the code, in words for the person who decides about it. */
  readonly terms: string;
  /**
   * Tests by trying to break out whether the sandbox holds on this machine. A success is remembered, a failure for some
   * minutes.
   * @returns why it does not hold, as a sentence that says what to do; null when it holds
   */
  problem(): Promise<string | null>;
  /**
   * Calls `map_row` of the code for each row, in order; a line of the answer is the list of rows that it returned. One
   * job runs at a time; no process of it is left when this ends. The caller asks `problem` first.
   * @throws TrexError `python_failed`, `python_slow`, `python_output` (fault data) when the code ends badly,
   * `sandbox_failed` (fault config) when the sandbox does
   */
  run(job: SandboxJob): Promise<string>;
}
