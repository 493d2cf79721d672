import type { Content } from '../../campaign/messages.ts';
import { sha256 } from '../../lib/hash.ts';
import type { RenderContext } from '../../operations/chat.ts';
import { contentText } from '../../report/transcript.ts';
import { type Block, clip, fitBlocks, limits } from '../limits.ts';
import { clean, escapeMrkdwn, Mrkdwn, mentions } from '../mrkdwn.ts';
import { approvalBlocks } from './approval.ts';
import { briefBlocks } from './brief.ts';
import { budgetReachedBlocks } from './budget-reached.ts';
import { codeApprovalBlocks } from './code-approval.ts';
import { confirmationBlocks } from './confirmation.ts';
import { paragraphs, section } from './elements.ts';
import { failureBlocks } from './failure.ts';
import { findingsBlocks } from './findings.ts';
import { nodeBlocks } from './node.ts';
import { progressBlocks } from './progress.ts';
import { questionBlocks } from './question.ts';
import { reportBlocks } from './report.ts';
import { runningBlocks } from './running.ts';
import { shipmentBlocks } from './shipment.ts';
import { startRequestBlocks } from './start-request.ts';
import { summaryBlocks } from './summary.ts';
import { problemBlocks, textBlocks } from './text.ts';
import { waitingBlocks } from './waiting.ts';

export interface MessageBlocks {
  /** The text of notifications, screen readers and old clients. */
  text: string;
  blocks: Block[];
}

/** The campaign and node a message is about; node null when it is about none in particular. */
export interface About {
  campaignId: string;
  node: number | null;
}

/**
 * A message of the bot as Slack blocks: within every limit, with no text that mentions people or hides links.
 * @param input `mention`: user ids, the only people that the message mentions
 */
export function buildMessage(
  content: Content,
  input: { context: RenderContext; key: string; pictureFileId: string | null; mention?: readonly string[] },
): MessageBlocks {
  const said = clean(contentText(content));
  const text = clip(escapeMrkdwn(said.trim() === '' ? 'See the thread.' : said), limits.messageText);
  const called = mentions(input.mention ?? []);
  let blocks = [
    ...(called === null ? [] : [section(called)]),
    ...fitBlocks(blocksOf(content, input.context, input.pictureFileId)),
  ];
  if (blocks.length === 0) blocks = paragraphs(new Mrkdwn(text));
  const [first, ...rest] = blocks;
  const block_id = buildMessage.blockId(input.key, aboutOf(content));
  return { text, blocks: fitBlocks([{ ...(first as Block), block_id }, ...rest]) };
}

/** The id of a message's first block, by which `find` and the message shortcut recognise it. */
buildMessage.blockId = (key: string, about: About | null): string => {
  const parts = ['trex', sha256(key).slice(0, 24)];
  if (about && about.campaignId.length <= 64)
    parts.push(encodeURIComponent(about.campaignId), String(about.node ?? ''));
  return parts.join(':');
};

/** The last resort when Slack refuses the blocks. */
buildMessage.asText = (message: MessageBlocks): Block[] => {
  const [first] = paragraphs(new Mrkdwn(message.text));
  const block_id = message.blocks[0]?.block_id;
  return [{ ...(first as Block), ...(block_id ? { block_id } : {}) }];
};

/** The hash of the key in a block id, or null when the block is not the first of a message of ours. */
export function keyOfBlockId(blockId: string | undefined): string | null {
  const [mark, hash] = blockId?.split(':') ?? [];
  return mark === 'trex' && hash ? hash : null;
}

export function aboutOfBlockId(blockId: string | undefined): About | null {
  const [mark, , campaignId, node] = blockId?.split(':') ?? [];
  if (mark !== 'trex' || !campaignId) return null;
  return { campaignId: decodeURIComponent(campaignId), node: node ? Number(node) : null };
}

function blocksOf(content: Content, context: RenderContext, pictureFileId: string | null): Block[] {
  switch (content.kind) {
    case 'text':
      return textBlocks(content.text, content.page);
    case 'files':
      return textBlocks(content.text);
    case 'insight':
      return textBlocks(content.text);
    case 'problem':
      return problemBlocks(content.text);
    case 'findings':
      return findingsBlocks(content);
    case 'question':
      return questionBlocks(content);
    case 'brief':
      return briefBlocks(content);
    case 'start_request':
      return startRequestBlocks(content);
    case 'progress':
      return progressBlocks(content, context, pictureFileId);
    case 'approval':
      return codeApprovalBlocks(content) ?? approvalBlocks(content);
    case 'failure':
      return failureBlocks(content);
    case 'waiting':
      return waitingBlocks(content);
    case 'node':
      return nodeBlocks(content, pictureFileId);
    case 'report':
      return reportBlocks(content, context);
    case 'shipment':
      return shipmentBlocks(content);
    case 'budget_reached':
      return budgetReachedBlocks(content);
    case 'confirmation':
      return confirmationBlocks(content);
    case 'running':
      return runningBlocks(content);
    case 'summary':
      return summaryBlocks(content);
  }
}

function aboutOf(content: Content): About | null {
  switch (content.kind) {
    case 'approval':
    case 'failure':
      return { campaignId: content.campaignId, node: content.node.number };
    case 'waiting':
      return { campaignId: content.campaignId, node: content.node };
    case 'node':
      return { campaignId: content.view.id, node: content.number };
    case 'shipment':
      return { campaignId: content.campaignId, node: content.shipment.round };
    case 'progress':
      return { campaignId: content.view.id, node: content.view.best };
    case 'report':
      return { campaignId: content.view.id, node: content.view.final?.winner ?? content.view.best };
    case 'question':
    case 'files':
    case 'brief':
    case 'start_request':
    case 'insight':
    case 'findings':
    case 'budget_reached':
    case 'confirmation':
      return { campaignId: content.campaignId, node: null };
    case 'text':
    case 'problem':
    case 'running':
    case 'summary':
      return null;
  }
}
