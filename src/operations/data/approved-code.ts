import { TrexError } from '../../lib/errors.ts';
import { codeHash, codeName, type PythonMap, pythonSteps, type Recipe } from '../../recipe/recipe.ts';
import type { RunPython } from '../../recipe/types.ts';
import { codeDecisions } from '../../store/approvals.ts';
import type { Context } from '../context.ts';

/**
 * The only way to the sandbox: exactly the code that people of this campaign have approved, and only while the
 * sandbox is safe. The database is asked right before each run, whatever planned it.
 */
export function approvedPython(ctx: Context, campaignId: string): RunPython {
  return async (job) => {
    if (ctx.sandbox === null)
      throw new TrexError('python_off', 'config', 'Its code cannot run: `TREX_PYTHON_MAP` is off.');
    const decisions = await codeDecisions(ctx.db, campaignId);
    if (decisions.get(codeHash(job.code)) !== 'approved')
      throw new TrexError('code_not_approved', 'ours', 'Nobody has approved the code of this node.');
    const problem = await ctx.sandbox.problem();
    if (problem !== null) throw new TrexError('sandbox_closed', 'config', problem);
    const startedAt = ctx.clock.now().getTime();
    const answer = await ctx.sandbox.run(job);
    const ms = ctx.clock.now().getTime() - startedAt;
    ctx.log.info({ campaign: campaignId, code: codeName(job.code), ms }, 'code.ran');
    return answer;
  };
}

/**
 * Code of a recipe that nobody has been asked about; null when all of it is approved.
 * @throws TrexError `code_refused` when it was rejected or waits for approval; `code_twice` for more than one
 * question at once
 */
export async function unseenCode(
  ctx: Context,
  campaignId: string,
  recipe: Recipe,
): Promise<PythonMap | null> {
  const steps = pythonSteps(recipe);
  if (steps.length === 0) return null;
  const decisions = await codeDecisions(ctx.db, campaignId);
  const stateOf = (step: PythonMap) => decisions.get(codeHash(step.code)) ?? 'withdrawn';
  if (steps.some((step) => stateOf(step) === 'rejected' || stateOf(step) === 'pending'))
    throw new TrexError('code_refused', 'user', 'People have not approved the code of this node.');
  const unseen = steps.filter((step) => stateOf(step) === 'withdrawn');
  if (unseen.length > 1)
    throw new TrexError('code_twice', 'ours', 'A node asks people about one piece of code at a time.');
  return unseen[0] ?? null;
}
