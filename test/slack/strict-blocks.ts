/**
 * What Slack refuses, written from its reference (docs.slack.dev/reference/block-kit) and not from our own table, so
 * that a mistake there is not repeated here. Returns the problems, worded as paths; empty means accepted.
 */
type Dict = Record<string, unknown>;

const isDict = (value: unknown): value is Dict =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function strictMessageProblems(message: { text: string; blocks: unknown[] }): string[] {
  const problems: string[] = [];
  if (message.text.length === 0) problems.push('text: empty');
  if (message.text.length > 4000) problems.push(`text: ${message.text.length} characters`);
  problems.push(...mrkdwnProblems(message.text, 'text'));
  const total = totalCharacters(message.blocks);
  if (total > 13_200) problems.push(`blocks: ${total} characters together`);
  return [
    ...problems,
    ...strictBlockProblems(message.blocks, 50, [
      'section',
      'header',
      'context',
      'divider',
      'image',
      'actions',
    ]),
  ];
}

export function strictViewProblems(view: Dict): string[] {
  const problems: string[] = [];
  const max = (key: string, most: number): void => {
    const value = view[key];
    if (isDict(value)) problems.push(...textProblems(value, key, most, ['plain_text']));
  };
  if (view.type === 'modal') {
    if (!isDict(view.title)) problems.push('title: missing');
    for (const key of ['title', 'submit', 'close']) max(key, 24);
  }
  if (typeof view.private_metadata === 'string' && view.private_metadata.length > 3000) {
    problems.push('private_metadata: too long');
  }
  const blocks = Array.isArray(view.blocks) ? view.blocks : [];
  return [
    ...problems,
    ...strictBlockProblems(blocks, 100, [
      'section',
      'header',
      'context',
      'divider',
      'image',
      'actions',
      'input',
    ]),
  ];
}

function strictBlockProblems(blocks: unknown[], most: number, allowed: string[]): string[] {
  const problems: string[] = [];
  if (blocks.length === 0) problems.push('blocks: none');
  if (blocks.length > most) problems.push(`blocks: ${blocks.length}`);
  const ids = new Set<unknown>();
  for (const [i, block] of blocks.entries()) {
    const at = `blocks[${i}]`;
    if (!isDict(block)) {
      problems.push(`${at}: not an object`);
      continue;
    }
    if (!allowed.includes(String(block.type))) problems.push(`${at}: type ${String(block.type)}`);
    if (block.block_id !== undefined) {
      if (ids.has(block.block_id)) problems.push(`${at}: block_id twice`);
      ids.add(block.block_id);
      problems.push(...lengthProblems(block.block_id, `${at}.block_id`, 1, 255));
    }
    problems.push(...blockProblems(block, at));
  }
  return problems;
}

function blockProblems(block: Dict, at: string): string[] {
  switch (block.type) {
    case 'section': {
      const fields = Array.isArray(block.fields) ? block.fields : [];
      return [
        ...(block.text === undefined && fields.length === 0 ? [`${at}: no text`] : []),
        ...(block.text === undefined ? [] : textProblems(block.text, `${at}.text`, 3000)),
        ...(fields.length > 10 ? [`${at}.fields: ${fields.length}`] : []),
        ...fields.flatMap((field, i) => textProblems(field, `${at}.fields[${i}]`, 2000)),
        ...(block.accessory === undefined ? [] : elementProblems(block.accessory, `${at}.accessory`)),
      ];
    }
    case 'header':
      return textProblems(block.text, `${at}.text`, 150, ['plain_text']);
    case 'context': {
      const elements = Array.isArray(block.elements) ? block.elements : [];
      return [
        ...(elements.length < 1 || elements.length > 10 ? [`${at}.elements: ${elements.length}`] : []),
        ...elements.flatMap((element, i) => textProblems(element, `${at}.elements[${i}]`, 3000)),
      ];
    }
    case 'actions': {
      const elements = Array.isArray(block.elements) ? block.elements : [];
      const ids = elements.map((element) => (isDict(element) ? element.action_id : undefined));
      return [
        ...(elements.length < 1 || elements.length > 25 ? [`${at}.elements: ${elements.length}`] : []),
        ...(new Set(ids).size < ids.length ? [`${at}: action_id twice`] : []),
        ...elements.flatMap((element, i) => elementProblems(element, `${at}.elements[${i}]`)),
      ];
    }
    case 'image': {
      const file = isDict(block.slack_file) ? block.slack_file : null;
      return [
        ...(file === null && block.image_url === undefined ? [`${at}: no picture`] : []),
        ...(block.image_url === undefined ? [] : lengthProblems(block.image_url, `${at}.image_url`, 1, 3000)),
        ...lengthProblems(block.alt_text, `${at}.alt_text`, 1, 2000),
        ...(block.title === undefined ? [] : textProblems(block.title, `${at}.title`, 2000, ['plain_text'])),
      ];
    }
    case 'input':
      return [
        ...textProblems(block.label, `${at}.label`, 2000, ['plain_text']),
        ...(block.hint === undefined ? [] : textProblems(block.hint, `${at}.hint`, 2000, ['plain_text'])),
        ...elementProblems(block.element, `${at}.element`),
      ];
    default:
      return [];
  }
}

function elementProblems(element: unknown, at: string): string[] {
  if (!isDict(element)) return [`${at}: not an object`];
  const id = lengthProblems(element.action_id, `${at}.action_id`, 1, 255);
  switch (element.type) {
    case 'button':
      return [
        ...id,
        ...textProblems(element.text, `${at}.text`, 75, ['plain_text']),
        ...(element.value === undefined ? [] : lengthProblems(element.value, `${at}.value`, 0, 2000)),
        ...(element.style === undefined || element.style === 'primary' || element.style === 'danger'
          ? []
          : [`${at}.style`]),
        ...(isDict(element.confirm) ? confirmProblems(element.confirm, `${at}.confirm`) : []),
      ];
    case 'plain_text_input':
      return [
        ...id,
        ...(element.initial_value === undefined
          ? []
          : lengthProblems(element.initial_value, `${at}.initial_value`, 0, 3000)),
      ];
    case 'static_select': {
      const options = Array.isArray(element.options) ? (element.options as Dict[]) : [];
      const initial = element.initial_option;
      return [
        ...id,
        ...(options.length < 1 || options.length > 100 ? [`${at}.options: ${options.length}`] : []),
        ...options.flatMap((option, i) => [
          ...textProblems(option.text, `${at}.options[${i}].text`, 75, ['plain_text']),
          ...lengthProblems(option.value, `${at}.options[${i}].value`, 1, 150),
        ]),
        ...(initial !== undefined && !options.some((o) => JSON.stringify(o) === JSON.stringify(initial))
          ? [`${at}.initial_option: not an option`]
          : []),
      ];
    }
    default:
      return [`${at}: type ${String(element.type)}`];
  }
}

function confirmProblems(confirm: Dict, at: string): string[] {
  return [
    ...textProblems(confirm.title, `${at}.title`, 100, ['plain_text']),
    ...textProblems(confirm.text, `${at}.text`, 300),
    ...textProblems(confirm.confirm, `${at}.confirm`, 30, ['plain_text']),
    ...textProblems(confirm.deny, `${at}.deny`, 30, ['plain_text']),
  ];
}

function textProblems(text: unknown, at: string, most: number, types = ['plain_text', 'mrkdwn']): string[] {
  if (!isDict(text) || typeof text.text !== 'string') return [`${at}: no text object`];
  return [
    ...(types.includes(String(text.type)) ? [] : [`${at}: type ${String(text.type)}`]),
    ...lengthProblems(text.text, at, 1, most),
    ...(text.type === 'mrkdwn' ? mrkdwnProblems(text.text, at) : []),
  ];
}

function lengthProblems(value: unknown, at: string, least: number, most: number): string[] {
  if (typeof value !== 'string') return [`${at}: not a string`];
  if (value.length > most) return [`${at}: ${value.length} characters of ${most}`];
  if (value.trim().length < least) return [`${at}: empty`];
  // A half of a surrogate pair makes JSON that Slack cannot read.
  if (/\p{Surrogate}/u.test(value)) return [`${at}: half a character`];
  return [];
}

/** Mentions of everybody, cut links and cut entities; only links we make and mentions of a person may stand. */
function mrkdwnProblems(text: string, at: string): string[] {
  const problems: string[] = [];
  for (const [token] of text.matchAll(/<[^>]*>?/g)) {
    if (!/^<(https?:\/\/[^|<>\s]+\|[^|<>]+|@[UW][A-Z0-9]+)>$/.test(token))
      problems.push(`${at}: ${token.slice(0, 40)}`);
  }
  if (text.replace(/<[^>]*>/g, '').includes('>')) problems.push(`${at}: lone >`);
  for (const [entity] of text.replace(/<[^>]*>/g, '').matchAll(/&(?!amp;|lt;|gt;).{0,5}/gs)) {
    problems.push(`${at}: entity ${entity}`);
  }
  return problems;
}

/** Text of all blocks, as a reader would count it: every text, alternative text and value. */
function totalCharacters(value: unknown, key = ''): number {
  if (typeof value === 'string') return key === 'type' ? 0 : value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + totalCharacters(item), 0);
  if (!isDict(value)) return 0;
  return Object.entries(value).reduce((sum, [name, item]) => sum + totalCharacters(item, name), 0);
}
