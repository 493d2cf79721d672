/** Code to run over rows, both untrusted. `rows` and the answer are JSONL; `seed` is for the code's own draws. */
export interface SandboxJob {
  code: string;
  seed: number;
  rows: string;
}

/** Where Python that a language model wrote may run. */
export interface Sandbox {
  /** What it gives the code and what not, as the person reads it who decides. */
  readonly terms: string;
  /**
   * Whether it holds on this machine, found out by trying to break out of it; a success is remembered, a failure for some
   * minutes. @returns why it does not, as a sentence that says what to do; null when it holds
   */
  problem(): Promise<string | null>;
  /**
   * Calls `map_row` of the code for each row, in order; a line of the answer is the list of what it returned. One job at
   * a time; nothing of it is left when this ends. Does not ask `problem`: that is the caller's.
   * @throws TrexError `python_failed`, `python_slow`, `python_output` (fault data) when the code ends badly,
   * `sandbox_failed` (fault config) when the sandbox does
   */
  run(job: SandboxJob): Promise<string>;
}
