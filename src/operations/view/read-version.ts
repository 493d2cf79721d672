import { NotFoundError } from '../../lib/errors.ts';
import { readVersionOfAll, readVersions } from '../../store/versions.ts';
import type { Context } from '../context.ts';

/** The name under which the list of campaigns is watched, where others have the id of a campaign. */
export const allCampaigns = '*';

/**
 * A text that changes when anything people see has changed. Cheap enough to be read every second or two.
 * @param input.watched ids of campaigns, and `allCampaigns`
 */
export async function readVersionsOf({
  ctx,
  input,
}: {
  ctx: Context;
  input: { watched: string[] };
}): Promise<Map<string, string>> {
  const found = await readVersions(
    ctx.db,
    input.watched.filter((id) => id !== allCampaigns),
  );
  if (input.watched.includes(allCampaigns)) found.set(allCampaigns, await readVersionOfAll(ctx.db));
  return found;
}

/** @throws NotFoundError */
export async function readVersion({ ctx, watched }: { ctx: Context; watched: string }): Promise<string> {
  const version = (await readVersionsOf({ ctx, input: { watched: [watched] } })).get(watched);
  if (version === undefined) throw new NotFoundError(`the campaign ${watched}`);
  return version;
}
