import type { DatasetRef } from '../../campaign/brief.ts';
import type { NamedSources } from '../../campaign/steering.ts';
import type { DataSource } from '../../recipe/types.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { findResearch } from '../../store/research.ts';
import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { attachedId, listSources } from '../data/load-rows.ts';
import { readFiles } from '../intake/read-files.ts';

/**
 * The sources of rows that a person means: files with the message, else one of the campaign's by its id, the end of
 * it, or words of its title. `problem` says why there is none.
 */
export async function nameSources({
  ctx,
  campaign,
  words,
  files,
}: {
  ctx: Context;
  campaign: CampaignRow;
  words: string;
  files: IncomingMessage['files'];
}): Promise<NamedSources | { problem: string }> {
  if (files.length > 0) return addFiles(ctx, campaign, files);
  const sources = await listSources(ctx, campaign);
  const [match, other] = matching(sources, words);
  if (match !== undefined && other === undefined) return { ids: [match.id], added: [] };
  const known = sources.map(({ id }) => `\`${id}\``).join(', ');
  if (match !== undefined) return { problem: `Several sources are called like that. Which one: ${known}?` };
  return {
    problem: `This campaign trains on ${known}.${await whatIsPublished(ctx, campaign, words)} To add other rows, attach them as JSONL or CSV and write \`try this dataset\`.`,
  };
}

function matching(sources: DataSource[], words: string): DataSource[] {
  const wanted = words.toLowerCase();
  const tests: ((source: DataSource) => boolean)[] = [
    ({ id }) => id.toLowerCase() === wanted,
    ({ id, title }) => id.toLowerCase().split('/').at(-1) === wanted || title.toLowerCase() === wanted,
    ({ title }) => title.toLowerCase().includes(wanted),
  ];
  return tests.map((test) => sources.filter(test)).find((found) => found.length > 0) ?? [];
}

async function addFiles(
  ctx: Context,
  campaign: CampaignRow,
  files: IncomingMessage['files'],
): Promise<NamedSources | { problem: string }> {
  const isPaired = campaign.brief?.scope.objective === 'dpo';
  const read = (await readFiles({ ctx, files })).map((file) =>
    isPaired && file.report !== null && !file.report.pairs
      ? {
          ...file,
          report: null,
          problem: `DPO needs a \`rejected\` answer in every row, and \`${file.name}\` has none.`,
        }
      : file,
  );
  const added = read.flatMap(({ report }): DatasetRef[] =>
    report === null || report.rows === 0
      ? []
      : [{ name: report.name, sha256: report.sha256, rows: report.rows, badRows: report.badRows }],
  );
  if (added.length > 0) return { ids: added.map(({ sha256 }) => attachedId(sha256)), added };
  const problems = read.map(({ name, problem }) => problem ?? `\`${name}\` holds no rows that I can use.`);
  return { problem: problems.join(' ') };
}

async function whatIsPublished(ctx: Context, campaign: CampaignRow, words: string): Promise<string> {
  const found = (await findResearch(ctx.db, campaign.id))?.datasets.find(
    ({ id }) => id.toLowerCase() === words.toLowerCase(),
  );
  if (found === undefined) return '';
  const gated = found.gated === true ? ', gated' : '';
  return ` I have looked at ${found.id} (${found.licence ?? 'no licence stated'}${gated}), but I download no data by myself.`;
}
