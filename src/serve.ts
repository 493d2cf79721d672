import type { App } from './app.ts';
import type { Config } from './config/config.ts';
import { localWorkspaceWarning } from './slack/local-workspace.ts';

/** Runs until a signal: the first drains, for at most `drainSeconds`, and a second exits at once. */
export async function serve(app: App, config: Config): Promise<void> {
  try {
    await app.start();
  } catch (error) {
    // A partial start would hold the process, its workspace and its data folder for ever.
    await app.stop().catch(() => {});
    throw error;
  }
  const lines = [
    'trex is running.',
    ...(app.workspace === null
      ? [`  Slack           connected (${config.slack.kind === 'http' ? 'signed HTTP' : 'Socket Mode'})`]
      : [`  Workspace page  ${app.workspace.pageUrl}`, `  Say             @trex ${exampleRequest}`]),
    `  Pages, health   ${app.web?.url ?? ''}`,
    `  Data            ${config.dataDir}`,
    ...(app.workspace === null ? [] : [`  Note            ${localWorkspaceWarning}`]),
  ];
  console.log(lines.join('\n'));
  void app.ctx.sandbox?.problem().then((problem) => {
    console.log(
      `  Code over rows  ${problem === null ? 'may be proposed; the sandbox holds' : `off: ${problem}`}`,
    );
  });
  await new Promise<void>((resolve) => {
    let stopping = false;
    const onSignal = (): void => {
      if (stopping) process.exit(130);
      stopping = true;
      // After that time the process exits by itself, before a supervisor ends it in the middle of something: the
      // database and the outbox keep the rest, as after a crash.
      setTimeout(() => {
        console.error(`Not done after ${config.drainSeconds} s: ending anyway. Nothing is lost by it.`);
        process.exit(1);
      }, config.drainSeconds * 1000).unref();
      console.log(
        'Stopping: what is under way is finished; jobs on the cluster go on. Once more ends it at once.',
      );
      void app.stop().then(resolve, (error: unknown) => {
        console.error(error);
        process.exitCode = 1;
        resolve();
      });
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
  // Ends the local workspace too: its messages were in its memory; campaigns are in the database.
  process.exit();
}

const exampleRequest =
  'fine-tune the small model to turn messy dates into ISO, budget 5 minutes, ask me above 1 minute a node';
