import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Content } from '../../src/campaign/messages.ts';
import type { RenderContext } from '../../src/operations/chat.ts';
import { PythonMap } from '../../src/recipe/recipe.ts';
import { buildEditModal, readEditModal } from '../../src/slack/views/edit-modal.ts';
import { buildHome } from '../../src/slack/views/home.ts';
import { aboutOfBlockId, buildMessage } from '../../src/slack/views/message.ts';
import { approval, codeApproval, contents, node, view } from './contents.ts';
import { strictMessageProblems, strictViewProblems } from './strict-blocks.ts';

const context: RenderContext = { pictureMode: 'url' };
const build = (content: Content, over: Partial<Parameters<typeof buildMessage>[1]> = {}) =>
  buildMessage(content, { context, key: 'k', pictureFileId: null, ...over });

/** What a reader sees: texts, and buttons in brackets. */
function shown(content: Content): string {
  return build(content)
    .blocks.map((block) => {
      if (block.type === 'section') {
        const accessory = block.accessory?.type === 'button' ? `   [${block.accessory.text.text}]` : '';
        return `${block.text?.text ?? ''}${accessory}`;
      }
      if (block.type === 'context')
        return `(${block.elements.map((e) => ('text' in e ? e.text : '')).join(' ')})`;
      if (block.type === 'actions') {
        return block.elements
          .map((e) => (e.type === 'button' ? `[${e.text.text}]` : `[${e.type}]`))
          .join(' ');
      }
      return block.type === 'image' ? `{picture: ${block.alt_text}}` : block.type;
    })
    .join('\n');
}

describe('every kind of content', () => {
  for (const [kind, content] of Object.entries(contents)) {
    test(`${kind} reads as in the storyboard and is accepted`, () => {
      expect(strictMessageProblems(build(content))).toEqual([]);
      expect(shown(content)).toMatchSnapshot();
    });
  }

  test('blocks of the approval card, as sent', () => {
    expect(build(contents.approval).blocks).toMatchSnapshot();
  });
});

describe('a card about code', () => {
  const text = (content: Content): string =>
    build(content)
      .blocks.flatMap((block) => (block.type === 'section' ? [block.text?.text ?? ''] : []))
      .join('\n');
  /** The code as a reader gets it back from the blocks. */
  const codeOf = (content: Content): string =>
    build(content)
      .blocks.flatMap(
        (block) =>
          /^```\n([\s\S]*)\n```$/.exec(
            'text' in block ? String((block.text as { text: string } | undefined)?.text) : '',
          )?.[1] ?? [],
      )
      .join('\n')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');

  test('shows what it is for, all of it, and what a yes means', () => {
    const card = codeApproval('def map_row(row):\n    return row if row["prompt"] < "m" else None');
    expect(strictMessageProblems(build(card))).toEqual([]);
    expect(shown(card)).toMatchSnapshot();
  });

  test('whatever code a recipe may hold is shown to the letter, with its buttons', () => {
    const line = fc.string({ unit: fc.constantFrom(...'abc <>&*_~"\'#@!|:/ '), maxLength: 160 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 80 }), (lines) => {
        const code = ['def map_row(row):', ...lines, '    return row'].join('\n');
        fc.pre(PythonMap.shape.code.safeParse(code).success);
        const card = codeApproval(code);
        expect(strictMessageProblems(build(card))).toEqual([]);
        expect(codeOf(card)).toBe(code);
        expect(build(card).blocks.at(-1)?.type).toBe('actions');
        expect(text(card)).not.toContain('…');
      }),
      { numRuns: 200 },
    );
  });

  test('the longest and the most escaped code is shown whole, beside the longest words', () => {
    const marks = `# ${'<&>'.repeat(50)}\n`.repeat(4);
    const code = `def map_row(row):\n${marks}${'# 23456789 23456789\n'.repeat(166)}    return row`;
    expect(PythonMap.shape.code.safeParse(code).success).toBe(true);
    const card = codeApproval(code);
    const long = '<'.repeat(400);
    const wide = {
      ...card,
      node: { ...card.node, title: '<'.repeat(60) },
      approval: {
        ...card.approval,
        why: long,
        code: { ...(card.approval.code as NonNullable<typeof card.approval.code>), purpose: '<'.repeat(200) },
      },
    };
    expect(strictMessageProblems(build(wide))).toEqual([]);
    expect(codeOf(wide)).toBe(code);
  });

  test('decided, the buttons give way to who decided and what it means', () => {
    const card = codeApproval('def map_row(row):\n    return row');
    const last = (over: object): string =>
      shown({
        ...card,
        approval: { ...card.approval, decidedBy: 'Ana', decidedAt: '2026-11-22T14:02:11.000Z', ...over },
      })
        .split('\n')
        .at(-1) ?? '';
    expect(last({ state: 'approved' })).toBe('(Code approved by Ana, 14:02 UTC · for this campaign)');
    expect(last({ state: 'rejected' })).toBe(
      '(Rejected by Ana, 14:02 UTC · it never ran, and I do not propose it again)',
    );
    expect(last({ state: 'withdrawn', decidedBy: 'the bot' })).toBe('(Withdrawn · it never ran)');
  });
});

describe('what was decided takes the place of the buttons', () => {
  const decided = (over: Partial<typeof approval>): string => {
    const card = contents.approval as Extract<Content, { kind: 'approval' }>;
    return (
      shown({ ...card, approval: { ...approval, decidedAt: '2026-11-22T14:02:11.000Z', ...over } })
        .split('\n')
        .at(-1) ?? ''
    );
  };

  test('approved, rejected and withdrawn', () => {
    expect(decided({ state: 'approved', decidedBy: 'Ana' })).toBe(
      '(Approved by Ana, 14:02 UTC · runs up to 6.5 min)',
    );
    expect(decided({ state: 'approved', decidedBy: 'U0TREXANA' })).toContain('by <@U0TREXANA>');
    expect(decided({ state: 'rejected', decidedBy: 'Ben' })).toBe(
      '(Rejected by Ben, 14:02 UTC · nothing spent)',
    );
    expect(decided({ state: 'withdrawn' })).toContain('Withdrawn');
  });

  test('the first of two yeses is shown, and the buttons stay', () => {
    const card = contents.approval as Extract<Content, { kind: 'approval' }>;
    const yeses = [{ by: 'Ana', cheaper: false }];
    const text = shown({ ...card, approval: { ...approval, yeses, yesesNeeded: 2 } });
    expect(text).toContain(
      'Approved by Ana; one more yes is needed.\n[Approve] [Cheaper one] [Reject] [Ask why]',
    );
  });

  test('a closed brief and a closed budget question have no buttons', () => {
    const closed = { closed: 'Started by Ana' };
    expect(shown({ ...contents.brief, ...closed } as Content)).not.toContain('[');
    expect(shown({ ...contents.budget_reached, ...closed } as Content)).not.toContain('[');
  });
});

describe('pictures', () => {
  const image = (pictureMode: RenderContext['pictureMode'], pictureFileId: string | null) =>
    build(contents.progress, { context: { pictureMode }, pictureFileId }).blocks.find(
      (b) => b.type === 'image',
    );

  test('come by address, by file, or as words', () => {
    expect(image('url', null)).toMatchObject({ image_url: expect.stringContaining('/tree.png?at=') });
    expect(image('upload', 'F1')).toMatchObject({ slack_file: { id: 'F1' } });
    expect(image('upload', null)).toBeUndefined();
    expect(image('none', 'F1')).toBeUndefined();
    const words = build(contents.progress, { context: { pictureMode: 'none' } }).blocks;
    expect(JSON.stringify(words)).toContain('#8 drop rows that break the ISO pattern: 0.870');
  });
});

describe('a node that a text names', () => {
  const page = 'https://trex.example/campaigns/c-7f3a?t=signed';
  const first = (text: string, at: string) =>
    JSON.stringify(build({ kind: 'text', text, page: at }).blocks[0]);

  test('links to its place on the page, and the signature of the address is kept', () => {
    expect(first('grown from #5', page)).toContain(
      'grown from <https://trex.example/campaigns/c-7f3a?t=signed&node=5#node-5|#5>',
    );
  });

  test('stays a word where there is no page to link to', () => {
    for (const none of ['', 'no address', '/campaigns/c-7f3a', 'javascript:alert(1)'])
      expect(first('grown from #5', none)).toContain('"grown from #5"');
  });

  test('stays a word where the links would cost words of the text', () => {
    const text = Array.from({ length: 60 }, (_, i) => `#${i} helped`).join(', ');
    expect(first(text, page)).toContain(`"${text}"`);
  });
});

describe('text from people, files and models', () => {
  test('mentions nobody and hides no link', () => {
    const evil = '<!channel> <@U0TREXANA> <https://evil.example|docs> & *bold* ```';
    for (const content of withEveryText(evil)) {
      const message = build(content);
      expect(strictMessageProblems(message)).toEqual([]);
      // The value of a button comes back to us and is shown to nobody.
      const seen = JSON.stringify(message, (key, value) => (key === 'value' ? undefined : value));
      expect(seen).not.toMatch(/<!|<@|<https:\/\/evil/);
    }
  });
});

describe('a message knows what it is about', () => {
  test('by the id of its first block', () => {
    expect(aboutOfBlockId(build(contents.approval).blocks[0]?.block_id)).toEqual({
      campaignId: 'c-7f3a',
      node: 12,
    });
    expect(aboutOfBlockId(build(contents.progress).blocks[0]?.block_id)).toEqual({
      campaignId: 'c-7f3a',
      node: 8,
    });
    expect(aboutOfBlockId(build(contents.text).blocks[0]?.block_id)).toBeNull();
    expect(aboutOfBlockId('somebody-else')).toBeNull();
  });
});

// ---- any size ---------------------------------------------------------------

/** Text of any length and alphabet, with what breaks mrkdwn in it. */
const anyText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.array(
          fc.constantFrom(
            'a',
            '&',
            '<',
            '>',
            '|',
            '*',
            '`',
            '```',
            '\n',
            ' ',
            '😀',
            '\ud83d',
            '\u0000',
            '<!channel>',
            '<@U1>',
            'word ',
          ),
          { maxLength: 30 },
        ),
        fc.nat({ max: 400 }),
      )
      .map(([parts, times]) => parts.join('').repeat(times)),
  },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\n\n') },
);

/**
 * Every string in the value replaced by arbitrary text and every list made of any length. A list inside a list stays
 * short: 80 times 80 of the longest texts are gigabytes, and no other case than 80 of them.
 */
function anySized(value: unknown, key = '', maxLength = 80): fc.Arbitrary<unknown> {
  const kept = new Set([
    'kind',
    'state',
    'metric',
    'strategy',
    'fault',
    'id',
    'campaignId',
    'questionId',
    'field',
    'takenAt',
    'decidedAt',
    'deadline',
  ]);
  if (typeof value === 'string') return kept.has(key) ? fc.constant(value) : anyText;
  if (typeof value === 'number') return key === 'number' ? fc.constant(value) : fc.double();
  if (value instanceof Uint8Array) return fc.constant(value);
  if (Array.isArray(value)) {
    const [first] = value;
    if (first === undefined) return fc.constant(value);
    const item = anySized(first, key, 6);
    return fc.oneof(
      fc.array(item, { maxLength: 6 }),
      fc.tuple(item, fc.nat({ max: maxLength })).map(([one, n]) => Array.from({ length: n }, () => one)),
    );
  }
  if (typeof value === 'object' && value !== null) {
    return fc.record(
      Object.fromEntries(Object.entries(value).map(([k, v]) => [k, anySized(v, k, maxLength)])),
    );
  }
  return fc.constant(value);
}

function withEveryText(text: string): Content[] {
  const replace = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string')
      return /^(kind|state|metric|strategy|fault|takenAt)$/.test(key) ? value : text;
    if (Array.isArray(value)) return value.map((item) => replace(item, key));
    if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, replace(v, k)]));
  };
  return Object.values(contents).map((content) => replace(content) as Content);
}

describe('mentions', () => {
  const withMention = (mention: readonly string[]) =>
    buildMessage(contents.approval, {
      context: { pictureMode: 'none' },
      key: 'k',
      pictureFileId: null,
      mention,
    });

  test('stand before a new card, for the people it asks and for nobody else', () => {
    const [first, ...rest] = withMention(['U0BEN1', 'W0CEM1']).blocks;
    expect(first).toMatchObject({ type: 'section', text: { text: '<@U0BEN1> <@W0CEM1>' } });
    expect(rest).toHaveLength(build(contents.approval).blocks.length);
    expect(JSON.stringify(withMention([]).blocks)).not.toContain('<@');
  });

  test('are of ids of Slack’s only', () => {
    for (const id of ['Ben', '!channel', 'U1> <!here', 'here'])
      expect(withMention([id])).toEqual(withMention([]));
  });
});

describe('any content of any size is accepted by Slack', () => {
  for (const [kind, content] of Object.entries(contents)) {
    test(kind, () => {
      fc.assert(
        fc.property(
          anySized(content),
          fc.constantFrom<RenderContext['pictureMode'][]>('url', 'upload', 'none'),
          fc.string(),
          (any, pictureMode, key) => {
            const input = { context: { pictureMode }, key, pictureFileId: 'F1' };
            expect(strictMessageProblems(buildMessage(any as Content, input))).toEqual([]);
          },
        ),
        { numRuns: 60 },
      );
    });
  }

  test('a thousand nodes, a hundred buttons, a million characters', () => {
    const long = 'long text & more '.repeat(60_000);
    const many = {
      ...view,
      title: long,
      nodes: Array.from({ length: 1000 }, (_, i) =>
        node(i, { state: 'running', title: long.slice(0, 2000) }),
      ),
    };
    const options = Array.from({ length: 100 }, (_, i) => ({
      label: `${i}${long.slice(0, 2000)}`,
      value: String(i),
    }));
    const question = contents.question as Extract<Content, { kind: 'question' }>;
    for (const content of [
      { kind: 'progress', view: many, picture: null },
      { kind: 'node', view: many, number: 7 },
      { ...question, preface: [long, long], question: { ...question.question, text: long, options } },
      { kind: 'text', text: long },
    ] as Content[]) {
      expect(strictMessageProblems(build(content))).toEqual([]);
    }
  });

  test('buttons are kept when text has to give way', () => {
    const card = contents.approval as Extract<Content, { kind: 'approval' }>;
    const blocks = build({ ...card, approval: { ...approval, why: 'line\n'.repeat(20_000) } }).blocks;
    const buttons = blocks.find((b) => b.type === 'actions');
    expect(buttons?.type === 'actions' && buttons.elements.length).toBe(4);
  });

  test('a button whose id cannot be sent is not offered', () => {
    const stops = (list: string): boolean =>
      JSON.stringify(build({ ...contents.running, list } as Content)).includes('"button"');
    expect(stops('C0TRAINING')).toBe(true);
    expect(stops('C0\ud83d')).toBe(false);
  });

  test('a button whose value would have to be cut is not offered', () => {
    const question = contents.question as Extract<Content, { kind: 'question' }>;
    const options = [
      { label: 'long', value: 'x'.repeat(2001) },
      { label: 'short', value: 'y' },
    ];
    const { blocks } = build({ ...question, question: { ...question.question, options } });
    expect(JSON.stringify(blocks)).not.toContain('xxxx');
    expect(JSON.stringify(blocks)).toContain('"y"');
  });
});

describe('views', () => {
  const origin = { campaignId: 'c-7f3a', channel: 'C1', threadTs: '1.1' };
  const fields = [
    { field: 'title', label: 'Title', value: 'Dates to ISO', hint: '' },
    { field: 'target', label: 'Target', value: '', hint: 'a number from 0 to 1' },
    {
      field: 'metric',
      label: 'Metric',
      value: 'exact_match',
      hint: '',
      options: [
        { label: 'Exact match', value: 'exact_match' },
        { label: 'Accuracy', value: 'accuracy' },
      ],
    },
  ];

  test('the Edit form is accepted, and comes back as it was when nothing was touched', () => {
    const modal = buildEditModal(fields, origin);
    expect(strictViewProblems(modal as unknown as Record<string, unknown>)).toEqual([]);
    const untouched = { ...modal, private_metadata: modal.private_metadata ?? '', state: { values: {} } };
    expect(readEditModal(untouched)).toEqual({
      origin,
      values: { title: 'Dates to ISO', target: '', metric: 'exact_match' },
    });
  });

  test('any form and any home is accepted', () => {
    fc.assert(
      fc.property(anySized(fields), (any) => {
        const distinct = (any as typeof fields).map((field, i) => ({ ...field, field: `f${i}` }));
        expect(
          strictViewProblems(buildEditModal(distinct, origin) as unknown as Record<string, unknown>),
        ).toEqual([]);
      }),
      { numRuns: 60 },
    );
    fc.assert(
      fc.property(
        anySized([{ id: 'c', line: 'Dates', link: 'https://slack.example/1' }]),
        fc.option(anyText),
        (campaigns, problem) => {
          const home = buildHome({ campaigns: campaigns as [], problem });
          expect(strictViewProblems(home as unknown as Record<string, unknown>)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
