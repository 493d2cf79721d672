import type { Command } from '../../campaign/commands/command.ts';
import type { CampaignView } from '../../campaign/view.ts';
import { findingsText } from '../../report/sentences/findings.ts';
import { whyText } from '../../report/sentences/node.ts';
import { statusText } from '../../report/sentences/status.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { findResearch } from '../../store/research.ts';
import type { IncomingMessage } from '../bot.ts';
import { setPrice } from '../budget/set-price.ts';
import { askToStop } from '../confirm/ask-to-stop.ts';
import { changeBudgetByWord } from '../confirm/change-budget-by-word.ts';
import { continueByWord } from '../confirm/continue-by-word.ts';
import type { Context } from '../context.ts';
import { continueUntil } from '../control/continue-until.ts';
import { pauseCampaign } from '../control/control-campaign.ts';
import { wrapUpCampaign } from '../control/wrap-up-campaign.ts';
import { linkToCampaign, tellPage } from '../page-address.ts';
import { requestShipment } from '../shipping/request-shipment.ts';
import { loadView } from '../view/load-view.ts';
import { answerAnywhere } from './answer-anywhere.ts';
import { decideByWord } from './decide-by-word.ts';
import { explainDifference } from './explain-difference.ts';
import { forecastGain } from './forecast-gain.ts';
import { steerCampaign, tellSteering } from './steer-campaign.ts';

/**
 * Carries out one command of a message in the thread of a started campaign.
 * @param place position of the command in its message: each counts once
 * @returns the result as a sentence; null where a card says it
 */
export async function carryOut(
  ctx: Context,
  campaign: CampaignRow,
  command: Exclude<Command, { kind: 'summary' | 'show' }>,
  { message, place }: { message: IncomingMessage; place: number },
): Promise<string | null> {
  const { user } = message;
  const id = `${message.ts}${place === 0 ? '' : `-${place}`}`;
  const source = `message:${id}`;
  const input = { campaignId: campaign.id, user, source };
  switch (command.kind) {
    case 'status':
      return statusText(await loadView({ ctx, campaignId: campaign.id }));
    case 'page':
      return tellPage(linkToCampaign(ctx, campaign.id));
    case 'pause':
      return pauseCampaign({ ctx, input });
    case 'continue':
      if (command.until !== undefined)
        return continueUntil({ ctx, campaign, input: { user, source, words: command.until } });
      return continueByWord({ ctx, campaign, input: { id, user, source, more: command.more } });
    case 'stop':
      return askToStop({ ctx, campaign, input: { id, user } });
    case 'wrap_up':
      return wrapUpCampaign({ ctx, input });
    case 'why': {
      const view = await loadView({ ctx, campaignId: campaign.id });
      const { against } = command;
      if (against !== null && command.node !== null) {
        return explainDifference({ ctx, campaign, number: command.node, against });
      }
      return withNode(view, command.node, (number) => whyText(view, number));
    }
    case 'budget':
      return changeBudgetByWord({ ctx, campaign, input: { id, user, source, change: command } });
    case 'price':
      return setPrice({ ctx, input: { ...input, usd: command.usd, perGpu: command.perGpu } });
    case 'steer': {
      const by = { user, source, words: message.text };
      return steerCampaign({ ctx, campaign, wish: command.wish, files: message.files, by });
    }
    case 'steering':
      return tellSteering(campaign);
    case 'forecast':
      return forecastGain({ ctx, campaign, more: command.more });
    case 'findings':
      return tellFindings(ctx, campaign);
    case 'ship':
      return requestShipment({ ctx, input: { ...input, round: command.node, kind: command.target } });
    case 'approve':
    case 'reject':
      return decideByWord(ctx, campaign, command, message);
    default:
      return answerAnywhere({ ctx, command, input: message });
  }
}

function withNode(view: CampaignView, node: number | null, tell: (number: number) => string): string {
  const number = node ?? view.best;
  return number === null ? 'There is no node yet.' : tell(number);
}

async function tellFindings(ctx: Context, campaign: CampaignRow): Promise<string> {
  const findings = await findResearch(ctx.db, campaign.id);
  if (findings !== undefined) return findingsText(findings);
  return ctx.research === null
    ? 'I look nothing up here: research is switched off (`TREX_RESEARCH`).'
    : 'I have not finished looking yet.';
}
