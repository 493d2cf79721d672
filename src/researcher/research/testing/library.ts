import { publicServices, type ServiceName, type Services } from '../public-services.ts';
import { answer, type Handler, type LocalServer, startServer } from './local-server.ts';

/** The four public services on loopback, with a small library about dates in the shapes that they really answer in. */
export interface Library {
  services: Services;
  /** Requests to a service, oldest first. */
  seen(name: ServiceName): string[];
  /** From now on, paths of a service that begin so are answered like this. */
  on(name: ServiceName, path: string, handler: Handler): void;
  close(): Promise<void>;
}

const names: ServiceName[] = ['arxiv', 'semanticScholar', 'huggingFace', 'datasetViewer'];

export async function startLibrary(): Promise<Library> {
  const overrides = new Map<string, Handler>();
  const servers = new Map<ServiceName, LocalServer>();
  const services = publicServices(null);
  for (const name of names) {
    const server = await startServer((request, response) => {
      const url = request.url ?? '';
      const override = [...overrides].find(([key]) => `${name} ${url}`.startsWith(key))?.[1];
      const usual = pages.find(([at, start]) => at === name && url.startsWith(start))?.[2];
      (override ?? usual ?? answer(404, '{"error":"Not found"}'))(request, response);
    });
    servers.set(name, server);
    services[name] = { ...services[name], origin: server.origin };
  }
  return {
    services,
    seen: (name) => (servers.get(name)?.seen ?? []).map(({ url }) => url),
    on: (name, path, handler) => void overrides.set(`${name} ${path}`, handler),
    close: async () => {
      for (const server of servers.values()) await server.close();
    },
  };
}

const json = (value: unknown): Handler =>
  answer(200, JSON.stringify(value), { 'content-type': 'application/json' });

const abstracts = {
  '2501.00001': `Dates are written in many ways. We fine-tune small models with LoRA on synthetic rows to write dates in ISO form. Our best model reaches 96.4% exact match, 12 points above the untrained one.`,
  '2501.00002': `Date understanding is hard. We filter noisy rows and gain 4.1% accuracy on ISO dates.`,
};

export const feed = (...entries: string[]): string => `<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/x</id><title>arXiv Query: search_query=all:dates</title>
  <opensearch:totalResults>${entries.length}</opensearch:totalResults>
  ${entries.join('\n')}
</feed>`;

export const entry = (id: string, title: string, summary: string): string => `<entry>
    <id>http://arxiv.org/abs/${id}v2</id><title>${title}</title><updated>2026-01-09T00:00:00Z</updated>
    <link href="https://arxiv.org/abs/${id}v2" rel="alternate" type="text/html"/>
    <summary>${summary}</summary>
    <category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
    <published>2025-01-02T18:00:00Z</published><arxiv:primary_category term="cs.CL"/>
  </entry>`;

const first = entry('2501.00001', 'Writing dates\n  in ISO form', abstracts['2501.00001']);
const second = entry('2501.00002', 'Filters &amp; dates for ISO', abstracts['2501.00002']);

const hfPaper = (id: keyof typeof abstracts, title: string) => ({
  id,
  title,
  summary: abstracts[id],
  publishedAt: '2025-01-02T18:00:00.000Z',
  upvotes: 3,
  authors: [],
});

const pages: [ServiceName, string, Handler][] = [
  ['arxiv', '/api/query?id_list', answer(200, feed(first, second))],
  ['arxiv', '/api/query?search_query', answer(200, feed(first))],
  [
    'semanticScholar',
    '/graph/v1/paper/search',
    json({
      total: 2,
      offset: 0,
      data: [
        {
          paperId: 'a'.repeat(40),
          externalIds: { ArXiv: '2501.00001', CorpusId: 1 },
          title: 'Writing Dates in ISO Form',
          abstract: null,
          tldr: { model: 'tldr@v2', text: 'Small models learn dates.' },
          year: 2025,
          publicationDate: null,
          citationCount: 41,
        },
        { paperId: 'b'.repeat(40), title: 'Cooking with iron', abstract: 'Pans.', year: null },
        { paperId: null, title: 'No id' },
      ],
    }),
  ],
  [
    'huggingFace',
    '/api/papers/search',
    json([
      { paper: hfPaper('2501.00001', 'Writing dates in ISO form'), numComments: 0 },
      { paper: hfPaper('2501.00002', 'Filters & dates for ISO') },
      { paper: { id: 7 } },
    ]),
  ],
  ['huggingFace', '/api/papers/2501.00001', json(hfPaper('2501.00001', 'Writing dates in ISO form'))],
  ['huggingFace', '/api/papers/2501.00002', json(hfPaper('2501.00002', 'Filters & dates for ISO'))],
  [
    'huggingFace',
    '/papers/2501.00001.md',
    answer(
      200,
      '# Writing dates\n\nWe train for 3 epochs with a learning rate of 2e-4 and a batch size of 64.\n',
    ),
  ],
  [
    'huggingFace',
    '/api/models?',
    json([{ id: 'lab/dates-lora', modelId: 'lab/dates-lora' }, { id: 'lab/plain' }]),
  ],
  [
    'huggingFace',
    '/api/models/lab/dates-lora',
    json({
      _id: 'x',
      id: 'lab/dates-lora',
      private: false,
      gated: false,
      downloads: 1200,
      tags: ['peft', 'lora', 'license:apache-2.0'],
      'model-index': [
        {
          name: 'dates-lora',
          results: [
            {
              task: { type: 'text-generation' },
              dataset: { name: 'Dates', type: 'lab/dates' },
              metrics: [{ type: 'exact_match', value: 0.941, name: 'Exact match' }, { type: 'broken' }],
            },
          ],
        },
      ],
      cardData: { base_model: 'org/base-1b', datasets: ['lab/dates'] },
    }),
  ],
  ['huggingFace', '/api/models/lab/plain', json({ id: 'lab/plain', tags: [] })],
  ['huggingFace', '/api/datasets?', json([{ id: 'lab/dates' }, { id: 'lab/closed' }, { id: '../../evil' }])],
  [
    'huggingFace',
    '/api/datasets/lab/dates',
    json({
      id: 'lab/dates',
      gated: false,
      downloads: 900,
      description: '\n\t\n\t\tDates as people write them, with their ISO form.\n\t',
      tags: ['license:mit'],
      cardData: { license: ['cc-by-4.0'] },
    }),
  ],
  [
    'huggingFace',
    '/api/datasets/lab/closed',
    json({ id: 'lab/closed', gated: 'manual', tags: ['license:other'] }),
  ],
  [
    'datasetViewer',
    '/splits?dataset=lab%2Fdates',
    json({
      splits: [
        { dataset: 'lab/dates', config: 'default', split: 'test' },
        { dataset: 'lab/dates', config: 'default', split: 'train' },
      ],
      pending: [],
      failed: [],
    }),
  ],
  [
    'datasetViewer',
    '/size?dataset=lab%2Fdates',
    json({
      size: {
        dataset: {
          dataset: 'lab/dates',
          num_rows: 12_500,
          num_bytes_parquet_files: 481_000,
          num_bytes_memory: 9e5,
        },
        configs: [],
        splits: [
          { dataset: 'lab/dates', config: 'default', split: 'train', num_rows: 12_000, num_columns: 2 },
          { dataset: 'lab/dates', config: 'default', split: 'test', num_rows: 500, num_columns: 2 },
        ],
      },
      pending: [],
      failed: [],
      partial: false,
    }),
  ],
  [
    'datasetViewer',
    '/first-rows?dataset=lab%2Fdates&config=default&split=train',
    json({
      dataset: 'lab/dates',
      config: 'default',
      split: 'train',
      features: [
        { feature_idx: 0, name: 'text', type: { dtype: 'string', _type: 'Value' } },
        { feature_idx: 1, name: 'labels', type: [{ dtype: 'int64', _type: 'Value' }] },
      ],
      rows: [
        { row_idx: 0, row: { text: `3rd of May ${'x'.repeat(300)}`, labels: [5, 3] }, truncated_cells: [] },
        { row_idx: 1, row: { text: 'May 4', labels: [] }, truncated_cells: [] },
      ],
      truncated: false,
    }),
  ],
  [
    'datasetViewer',
    '/',
    answer(401, '{"error":"The dataset does not exist, or is not accessible without authentication."}', {
      'x-error-code': 'ExternalUnauthenticatedError',
    }),
  ],
];
