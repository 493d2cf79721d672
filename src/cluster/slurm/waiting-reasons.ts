/**
 * Reasons of squeue (`job_reason_string` of Slurm 22.05 to 25.05) that stay until people do something, by the words in
 * their names. Every other reason is a queue that moves: Resources, Priority, AssocGrpCpuLimit, Dependency.
 */
const lasting: { words: RegExp; meaning: string }[] = [
  { words: /^(?:JobHeld|.*requeued held)/, meaning: 'it is held' },
  {
    words:
      /(?:Assoc|QOS)\w*(?:PerJob|PerNode|Min(?:Cpu|CPU|GRES|Node|Mem)|TimeLimit|ResourceLimit)|^MaxMemPerLimit/,
    meaning: 'it asks for more, or less, than one job of this account may',
  },
  {
    words: /^(?:Assoc|QOS)Grp\w*(?<!Run)(?:Minutes|WallLimit)/,
    meaning: 'the time that its account was given is used up',
  },
  {
    words: /^Partition(?:NodeLimit|TimeLimit|Config)/,
    meaning: 'it asks for more than its partition allows',
  },
  { words: /^Partition(?:Down|Inactive)/, meaning: 'its partition takes no jobs' },
  { words: /^BadConstraints/, meaning: 'no node is as it asks for' },
  {
    words: /^(?:Invalid(?:Account|QOS)|QOSNotAllowed|AccountNotAllowed)/,
    meaning: 'its account may not run there',
  },
  {
    words: /^Reservation(?:Deleted|Invalid)|^DependencyNeverSatisfied/,
    meaning: 'what it waits for is gone',
  },
];

/** The meaning of a reason for people, and whether it lasts until they do something. */
export function explainReason(reason: string): { text: string; needsPeople: boolean } {
  const found = lasting.find(({ words }) => words.test(reason));
  if (found === undefined) return { text: `It waits in Slurm's queue: ${reason}.`, needsPeople: false };
  return { text: `It waits in Slurm's queue: ${found.meaning} (${reason}).`, needsPeople: true };
}
