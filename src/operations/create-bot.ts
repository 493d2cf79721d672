import { decideApproval } from './approvals/decide-approval.ts';
import type { Bot } from './bot.ts';
import { raiseBudget } from './budget/change-budget.ts';
import { answerConfirmation } from './confirm/answer-confirmation.ts';
import { stopListed } from './confirm/stop-listed.ts';
import type { Context } from './context.ts';
import { continueFromReport } from './control/continue-campaign.ts';
import { withdrawNode } from './control/withdraw-node.ts';
import { answerQuestion } from './intake/answer-question.ts';
import { editBrief, openEditForm } from './intake/edit-brief.ts';
import { raiseBriefBudget } from './intake/raise-brief-budget.ts';
import { reviseMessage } from './intake/revise-message.ts';
import { decideShipment } from './shipping/decide-shipment.ts';
import { shipFromReport } from './shipping/request-shipment.ts';
import { decideStart } from './start/decide-start.ts';
import { cancelCampaign, startCampaign } from './start/start-campaign.ts';
import { explainNode } from './thread/explain-node.ts';
import { listForPerson } from './thread/list-campaigns.ts';
import { receiveMessage } from './thread/receive-message.ts';
import { runChannelCommand } from './thread/run-channel-command.ts';

/** Binds the verbs to a context: what Slack, and any other surface with people, calls. */
export function createBot(ctx: Context): Bot {
  return {
    message: (input) => receiveMessage({ ctx, input }),
    revise: (input) => reviseMessage({ ctx, input }),
    answerQuestion: (input) => answerQuestion({ ctx, input }),
    start: (input) => startCampaign({ ctx, input }),
    decideStart: (input) => decideStart({ ctx, input }),
    cancel: (input) => cancelCampaign({ ctx, input }),
    editValues: (input) => openEditForm({ ctx, input }),
    edit: (input) => editBrief({ ctx, input }),
    raiseBriefBudget: (input) => raiseBriefBudget({ ctx, input }),
    decide: (input) => decideApproval({ ctx, input }),
    withdraw: (input) => withdrawNode({ ctx, input }),
    why: (input) => explainNode({ ctx, input }),
    confirm: (input) => answerConfirmation({ ctx, input }),
    stopListed: (input) => stopListed({ ctx, input }),
    continueFromReport: (input) => continueFromReport({ ctx, input }),
    ship: (input) => shipFromReport({ ctx, input }),
    decideShipment: (input) => decideShipment({ ctx, input }),
    raiseBudget: (input) => raiseBudget({ ctx, input }),
    campaigns: (input) => listForPerson({ ctx, input }),
    command: (input) => runChannelCommand({ ctx, input }),
  };
}
