import { existsSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { createApp } from './app.ts';
import { parseConfig } from './config/config.ts';
import { runDemo } from './demo/run-demo.ts';
import { asError, BadInputError, TrexError } from './lib/errors.ts';
import { createLinkSigner, type LinkScope } from './lib/signed-link.ts';
import { briefHelp, readBrief } from './read-brief.ts';
import { dataHelp, readData } from './read-data.ts';
import { reproduce } from './reproduce.ts';
import { serve } from './serve.ts';
import { openPostgres } from './store/open-postgres.ts';

/** Parses a command line and runs it. Sets the exit code; prints errors of ours as a sentence. */
export async function runCli(argv: string[]): Promise<void> {
  const environment = process.env;
  // The bot and its jobs write rows, weights and conversations: for their own user only.
  process.umask(0o077);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const program = new Command('trex')
    .description('Fine-tunes language models from a Slack thread.')
    .exitOverride();
  program
    .command('serve')
    .description('run the bot; embedded defaults where nothing is configured')
    .action(async () => {
      const { config, secrets } = parseConfig(environment);
      await serve(await createApp(config, secrets), config);
    });
  program
    .command('demo')
    .description('play a whole campaign in a local workspace, with real training')
    .option('--json', 'end with one JSON line', false)
    .option('--seed <n>', 'seed of the data and the search', '1')
    .option('--researcher <name>', 'rules or openai', 'rules')
    .action(async (options: { json: boolean; seed: string; researcher: string }) => {
      process.exitCode = await runDemo({ ...options, seed: Number(options.seed) }, environment);
    });
  program
    .command('tree <campaign>')
    .description('draw the tree of a campaign; the bot must be running')
    .option('--url <address>', 'where the bot answers', `http://127.0.0.1:${environment.TREX_PORT ?? '3210'}`)
    .action(async (campaign: string, options: { url: string }) => {
      const token = linkToken(environment, `campaign:${campaign}`);
      const query = token === null ? '' : `?t=${token}`;
      console.log(
        await fetchText(`${options.url}/campaigns/${encodeURIComponent(campaign)}/tree.txt${query}`),
      );
    });
  program
    .command('link')
    .description('a link to all campaigns, for who runs the bot; where pages need a link')
    .action(() => {
      const { web } = parseConfig(environment).config;
      const token = linkToken(environment, 'all');
      const base = web.publicUrl ?? `http://127.0.0.1:${web.port}`;
      console.log(token === null ? `${base}/` : `${base}/?t=${token}`);
    });
  program
    .command('reproduce <campaign#node>')
    .description('train the winner of a finished campaign again and compare the weights')
    .action(async (what: string) => {
      process.exitCode = await reproduce(what, parseConfig(environment).config);
    });
  program
    .command('data <files...>')
    .description('read files as the bot would, and print what it would say of them; stores nothing')
    .option('--json', 'one JSON object', false)
    .option('--rows <n>', 'rows to show of each file', '3')
    .option('--prompt <column>', 'the column of the prompt; several as "a + b"')
    .option('--completion <column>', 'the column of the answer')
    .option('--system <column>', 'the column of the system prompt')
    .addHelpText('after', dataHelp)
    .action(
      async (
        paths: string[],
        options: { json: boolean; rows: string; prompt?: string; completion?: string; system?: string },
      ) => {
        const { json, prompt, completion, system } = options;
        if (
          (prompt === undefined) !== (completion === undefined) ||
          (prompt === undefined && system !== undefined)
        )
          throw new BadInputError('bad_columns', 'Name both: --prompt and --completion.');
        const named = prompt === undefined || completion === undefined ? null : { prompt, completion };
        const columns =
          named === null ? {} : { columns: { ...named, ...(system === undefined ? {} : { system }) } };
        const request = { paths, json, rows: Number(options.rows) || 0, ...columns };
        process.exitCode = await readData(request, parseConfig(environment).config.maxDatasetBytes);
      },
    );
  program
    .command('brief <text...>')
    .description('read a request as the bot would, and print the card or the question; starts nothing')
    .option(
      '--file <path>',
      'a file attached to the request; may be repeated',
      (path, all: string[]) => [...all, path],
      [],
    )
    .option('--json', 'one JSON object', false)
    .option('--now <moment>', 'the moment of the request, ISO 8601')
    .option('--time-zone <zone>', 'the zone of the person, such as Europe/Berlin')
    .addHelpText('after', briefHelp)
    .action(
      async (
        texts: string[],
        options: { file: string[]; json: boolean; now?: string; timeZone?: string },
      ) => {
        const { file: files, ...rest } = options;
        await readBrief({ texts, files, ...rest }, parseConfig(environment).config);
      },
    );
  program
    .command('migrate')
    .description('bring the schema of the PostgreSQL in DATABASE_URL up to date')
    .action(async () => {
      const { secrets } = parseConfig(environment);
      if (secrets.databaseUrl === null) {
        throw new TrexError(
          'bad_config',
          'config',
          'DATABASE_URL is not set. The embedded database migrates itself when the bot starts.',
        );
      }
      await (await openPostgres(secrets.databaseUrl)).close();
      console.log('The schema is up to date.');
    });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode;
      return;
    }
    console.error(error instanceof TrexError ? error.message : asError(error).stack);
    // EX_CONFIG of sysexits.h: starting again does not help before somebody has changed something.
    process.exitCode = error instanceof TrexError && error.fault === 'config' ? 78 : 1;
  }
}

/** The link token for pages of this configuration's bot; null where its pages need none. */
function linkToken(environment: NodeJS.ProcessEnv, scope: LinkScope): string | null {
  const { config, secrets } = parseConfig(environment);
  if (secrets.linkSecret === null || config.web.linkDays === null) return null;
  return createLinkSigner(secrets.linkSecret, config.web.linkDays).sign(scope, new Date());
}

async function fetchText(url: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    throw new TrexError(
      'bot_unreachable',
      'user',
      `No bot answers at ${new URL(url).origin}. Start it with npm start, or say where it is with --url.`,
      { cause: error },
    );
  }
  const text = await response.text();
  if (!response.ok) throw new TrexError('not_found', 'user', text);
  return text;
}
