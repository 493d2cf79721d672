import { type LargeFiles, removableFiles, type TrainedRun } from '../../campaign/keep-weights.ts';
import { isActiveCampaign, isFinalCampaign, isFinalNode, isFinalTrial } from '../../campaign/states.ts';
import { updateCampaign } from '../../store/campaigns.ts';
import type { Db, DbOrTx } from '../../store/db.ts';
import { insertDiscards, listDiscards, listUnsettledCampaigns } from '../../store/discards.ts';
import { recordEvent } from '../../store/events.ts';
import { listOpenShipments } from '../../store/shipments.ts';
import { changeCampaign } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { rankedNodes } from '../view/best-nodes.ts';
import { loadTree, type Tree } from '../view/load-tree.ts';
import { pickFinalists } from '../view/pick-finalists.ts';

/**
 * Records which large files of which runs are to be removed, by the policy and by what is still needed. From then on
 * nothing counts on them, although they may exist for a while. Once a campaign has ended and nothing is open, for the
 * last time.
 * @returns how many were decided
 */
export async function decideDiscards({ ctx }: { ctx: Context }): Promise<number> {
  let decided = 0;
  for (const campaignId of await listUnsettledCampaigns(ctx.db)) {
    const look = await decide(ctx, ctx.db, campaignId);
    if (look.wanted.length === 0 && !look.isSettled) continue;
    const at = ctx.clock.now();
    decided += await changeCampaign(ctx, campaignId, async ({ tx }) => {
      // Read again under the lock: nodes to be repeated, tested or shipped are recorded under it as well.
      const { wanted, isSettled } = await decide(ctx, tx, campaignId);
      const rows = await insertDiscards(
        tx,
        wanted.map(({ key, what }) => ({ jobKey: key, what, campaignId, decidedAt: at })),
      );
      if (isSettled) await updateCampaign(tx, campaignId, { weightsSettledAt: at });
      if (rows.length > 0) {
        await recordEvent(tx, {
          campaignId,
          name: 'weights.discarded',
          actor: 'system',
          data: { files: rows.map(({ jobKey, what }) => ({ job: jobKey, what })) },
          at,
        });
      }
      return rows.length;
    });
  }
  return decided;
}

async function decide(
  ctx: Context,
  db: DbOrTx,
  campaignId: string,
): Promise<{ wanted: { key: string; what: LargeFiles }[]; isSettled: boolean }> {
  const tree = await loadTree({ db }, campaignId);
  const [known, shipments] = await Promise.all([
    listDiscards(db, campaignId),
    listOpenShipments(db, campaignId),
  ]);
  const isKnown = new Set(known.map((row) => `${row.what} ${row.jobKey}`));
  const { state, final, kept, earlier, reportDue } = tree.campaign;
  const isOpen = isActiveCampaign(state) || reportDue;
  const repeated = new Set(tree.trials.filter((t) => t.purpose === 'confirm').map((t) => t.nodeId));
  // Everything is asked of the transaction; a nested one is never begun here.
  const picked = isOpen ? await pickFinalists({ ...ctx, db: db as Db }, tree) : [];
  const finalists = [...picked, ...tree.nodes.filter((n) => repeated.has(n.id))].map((n) => n.number);
  const wanted = removableFiles(
    ctx.settings.keepWeights,
    {
      isOpen,
      finalists,
      best: rankedNodes(tree)[0]?.number ?? null,
      results: [final?.winner, kept?.best?.node, ...earlier.map(({ winner }) => winner)].filter(
        (round) => round !== undefined,
      ),
    },
    trainedRuns(tree, new Set(shipments.map((s) => s.runKey))),
  ).filter(
    ({ key, what }) =>
      !isKnown.has(`${what} ${key}`) && (what === 'weights' || ctx.engine.checkpointsFolder !== undefined),
  );
  const isSettled =
    isFinalCampaign(state) &&
    !reportDue &&
    shipments.length === 0 &&
    tree.jobs.every((j) => j.state === 'harvested');
  return { wanted, isSettled };
}

/** In the order in which they ended. The untrained baseline leaves no weights. */
function trainedRuns({ nodes, trials, jobs }: Tree, shipped: ReadonlySet<string>): TrainedRun[] {
  const tested = new Set(
    jobs.filter((j) => j.kind === 'test' && j.state !== 'harvested').map((j) => j.trialId),
  );
  const ended = (at: Date | null): number => at?.getTime() ?? Number.POSITIVE_INFINITY;
  return jobs
    .filter((job) => job.kind === 'run')
    .sort((a, b) => ended(a.endedAt) - ended(b.endedAt))
    .flatMap((job) => {
      const trial = trials.find((t) => t.id === job.trialId);
      const node = nodes.find((n) => n.id === trial?.nodeId);
      if (trial === undefined || node === undefined || trial.spec.training === null) return [];
      const isResult = trial.outcome?.runKey === job.key;
      return [
        {
          key: job.key,
          round: node.number,
          isHarvested: job.state === 'harvested',
          isTrialOver: isFinalTrial(trial.state),
          isNodeOver: isFinalNode(node.state),
          isBest: isResult && node.bestTrialId === trial.id,
          isRepeat: trial.purpose === 'confirm',
          isAwaited: (isResult && tested.has(trial.id)) || shipped.has(job.key),
        },
      ];
    });
}
