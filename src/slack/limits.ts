import type { types } from '@slack/bolt';
import { isWellFormed } from './mrkdwn.ts';

/**
 * Slack's limits, in characters unless said (docs.slack.dev/reference/block-kit, read 2026-11). `totalCharacters`
 * is not documented: Slack answers `msg_blocks_too_long` above about 13,200 over all blocks (bolt-js issue 2509).
 */
export const limits = {
  blocksPerMessage: 50,
  blocksPerView: 100,
  totalCharacters: 13_200,
  /** Slack cuts at 40,000; it asks for 4,000 or fewer. */
  messageText: 3000,
  sectionText: 3000,
  sectionFields: 10,
  fieldText: 2000,
  headerText: 150,
  contextElements: 10,
  contextText: 2000,
  actionsElements: 25,
  buttonText: 75,
  buttonValue: 2000,
  actionId: 255,
  blockId: 255,
  url: 3000,
  altText: 2000,
  imageTitle: 2000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  inputLabel: 2000,
  inputHint: 2000,
  inputValue: 3000,
  options: 100,
  optionText: 75,
  optionValue: 150,
  viewTitle: 24,
  viewButton: 24,
  privateMetadata: 3000,
  viewErrorText: 2000,
} as const;

export type Block = types.KnownBlock;
type TextObject = types.PlainTextElement | types.MrkdwnElement;

const ellipsis = '…';
const fence = '```';

/**
 * Cuts to `max` UTF-16 units and marks the cut. Never leaves half an entity (`&am`), half a link (`<http://`) or half a
 * surrogate pair; those would show as garbage or swallow the following text.
 */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = cutCleanly(text, max - ellipsis.length);
  // A cut inside ``` would turn the rest of the message into code.
  if (cut.split(fence).length % 2 === 1) return cut + ellipsis;
  return cutCleanly(text, max - ellipsis.length - fence.length).replace(/`+$/, '') + ellipsis + fence;
}

function cutCleanly(text: string, length: number): string {
  return text
    .slice(0, Math.max(0, length))
    .replace(/[\uD800-\uDBFF]$/, '')
    .replace(/&[a-z]{0,3}$/, '')
    .replace(/<[^>]*$/, '');
}

/** Splits long text at line ends into pieces of at most `max`, so that a section each can hold it. */
export function splitText(text: string, max: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const line of text.split('\n')) {
    if (piece !== '' && piece.length + 1 + line.length > max) {
      pieces.push(piece);
      piece = '';
    }
    piece = piece === '' ? line : `${piece}\n${line}`;
  }
  if (piece !== '') pieces.push(piece);
  return pieces.map((p) => clip(p, max)).filter((p) => p.trim() !== '');
}

/** Characters of every string in the blocks, type names excluded: more than Slack counts, never less. */
function countCharacters(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countCharacters(item), 0);
  if (value === null || typeof value !== 'object') return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) => (key === 'type' ? sum : sum + countCharacters(item)),
    0,
  );
}

/**
 * Fits blocks of any size into Slack's limits: cuts texts, drops parts that are empty or cannot be cut without changing
 * their meaning (a button whose value is too long), keeps buttons when there are too many blocks. Returns new blocks;
 * the input is not changed.
 */
export function fitBlocks(
  blocks: readonly Block[],
  max: { blocks: number; characters: number } = {
    blocks: limits.blocksPerMessage,
    characters: limits.totalCharacters,
  },
): Block[] {
  const seen = new Set<string>();
  const fitted = blocks.flatMap((block) => {
    const fit = fitBlock(structuredClone(block));
    if (fit === null) return [];
    if (fit.block_id !== undefined && (seen.has(fit.block_id) || fit.block_id.length > limits.blockId)) {
      delete fit.block_id;
    }
    if (fit.block_id !== undefined) seen.add(fit.block_id);
    return [fit];
  });
  dropBlocks(fitted, max.blocks);
  shrinkTexts(fitted, max.characters);
  return fitted;
}

function fitBlock(block: Block): Block | null {
  switch (block.type) {
    case 'section': {
      if (block.text) block.text.text = clip(block.text.text, limits.sectionText);
      if (block.text?.text.trim() === '') delete block.text;
      if (block.fields) {
        block.fields = block.fields.filter((f) => f.text.trim() !== '').slice(0, limits.sectionFields);
        for (const field of block.fields) field.text = clip(field.text, limits.fieldText);
        if (block.fields.length === 0) delete block.fields;
      }
      if (block.accessory?.type === 'button' && !fitButton(block.accessory)) delete block.accessory;
      return block.text || block.fields ? block : null;
    }
    case 'header':
      block.text.text = clip(block.text.text, limits.headerText);
      return block.text.text.trim() === '' ? null : block;
    case 'context':
      block.elements = block.elements
        .filter((e) => !isText(e) || e.text.trim() !== '')
        .slice(0, limits.contextElements);
      for (const element of block.elements) {
        if (isText(element)) element.text = clip(element.text, limits.contextText);
      }
      return block.elements.length === 0 ? null : block;
    case 'actions': {
      const ids = new Set<string>();
      block.elements = block.elements
        .filter((element) => {
          if (element.type !== 'button') return true;
          if (!fitButton(element) || (element.action_id && ids.has(element.action_id))) return false;
          if (element.action_id) ids.add(element.action_id);
          return true;
        })
        .slice(0, limits.actionsElements);
      return block.elements.length === 0 ? null : block;
    }
    case 'image':
      block.alt_text = clip(block.alt_text, limits.altText) || 'picture';
      if (block.title) block.title.text = clip(block.title.text, limits.imageTitle);
      if (block.title?.text.trim() === '') delete block.title;
      return 'image_url' in block && (block.image_url?.length ?? 0) > limits.url ? null : block;
    default:
      return block;
  }
}

/** False when the button has to be dropped: a cut value or id would mean something else than the offer. */
function fitButton(button: types.Button): boolean {
  button.text.text = clip(button.text.text, limits.buttonText);
  if (button.text.text.trim() === '') return false;
  if ((button.value?.length ?? 0) > limits.buttonValue) return false;
  if (![button.value, button.action_id].every((text) => isWellFormed(text ?? ''))) return false;
  if ((button.action_id?.length ?? 0) > limits.actionId || (button.url?.length ?? 0) > limits.url)
    return false;
  if (button.confirm) {
    const { title, text, confirm, deny } = button.confirm;
    if (title) title.text = clip(title.text, limits.confirmTitle);
    text.text = clip(text.text, limits.confirmText);
    if (confirm) confirm.text = clip(confirm.text, limits.confirmButton);
    if (deny) deny.text = clip(deny.text, limits.confirmButton);
  }
  return true;
}

const shortened: Block = {
  type: 'context',
  elements: [{ type: 'mrkdwn', text: 'Shortened: the whole of it does not fit into one message.' }],
};

function dropBlocks(blocks: Block[], max: number): void {
  if (blocks.length <= max) return;
  for (let i = blocks.length - 1; i > 0 && blocks.length > max - 1; i--) {
    if (blocks[i]?.type !== 'actions') blocks.splice(i, 1);
  }
  blocks.splice(max - 1);
  const firstActions = blocks.findIndex((b) => b.type === 'actions');
  blocks.splice(firstActions < 0 ? blocks.length : firstActions, 0, structuredClone(shortened));
}

/** Cuts the longest text until the total fits; when nothing long is left, drops blocks from the end. */
function shrinkTexts(blocks: Block[], max: number): void {
  const keep = 200;
  for (;;) {
    const excess = countCharacters(blocks) - max;
    if (excess <= 0) return;
    const longest = blocks.flatMap(textsOf).sort((a, b) => b.text.length - a.text.length)[0];
    if (longest && longest.text.length > keep) {
      longest.text = clip(longest.text, Math.max(keep, longest.text.length - excess));
      continue;
    }
    const droppable = blocks.findLastIndex((b, i) => i > 0 && b.type !== 'actions');
    if (droppable > 0) blocks.splice(droppable, 1);
    else if (blocks.length > 1) blocks.pop();
    else {
      const only = blocks[0];
      if (only?.type !== 'actions' || only.elements.length <= 1) return;
      only.elements.pop();
    }
  }
}

function textsOf(block: Block): TextObject[] {
  if (block.type === 'section') return [...(block.text ? [block.text] : []), ...(block.fields ?? [])];
  if (block.type === 'context') return block.elements.filter(isText);
  return [];
}

function isText(element: { type: string }): element is TextObject {
  return element.type === 'mrkdwn' || element.type === 'plain_text';
}
