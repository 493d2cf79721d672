import { afterEach, describe, expect, test } from 'vitest';
import { sandboxLimits } from '../../src/sandbox/limits.ts';
import { renderCommand } from '../../src/sandbox/render-command.ts';
import { type OpenSandbox, openSandbox } from '../support/sandbox/open-sandbox.ts';

const open: OpenSandbox[] = [];
const boxOf = (over: Parameters<typeof openSandbox>[0]): OpenSandbox => {
  const box = openSandbox(over);
  open.push(box);
  return box;
};
afterEach(() => {
  for (const box of open.splice(0)) box.close();
});

/** Bubblewrap by hand, as the words of a container: what a site would configure. */
const walls = (isRoot: boolean): string[] => {
  const argv = renderCommand({
    sandbox: { kind: 'bwrap' },
    python: '',
    driver: '',
    limits: sandboxLimits,
    isRoot,
  });
  const status = argv.indexOf('--json-status-fd');
  return [...argv.slice(0, status), ...argv.slice(status + 2, argv.indexOf('--') + 1)];
};
/** The same with other words for what is mounted. */
const mounting = (argv: string[], ...words: string[]): string[] =>
  argv.toSpliced(argv.indexOf('--size'), 0, ...words);
const without = (argv: string[], ...words: string[]): string[] =>
  argv.filter((word) => !words.includes(word));
const isRoot = process.getuid?.() === 0;
const probe = (words: string[]): Promise<string | null> =>
  boxOf({ sandbox: { kind: 'container', words } }).sandbox.problem();

describe('the probe', () => {
  test('lets bubblewrap pass, and asks once', async () => {
    const { sandbox } = boxOf({});
    expect(await sandbox.problem()).toBeNull();
    const started = performance.now();
    expect(await sandbox.problem()).toBeNull();
    expect(performance.now() - started).toBeLessThan(100);
  });

  test('lets a container pass that holds', async () => {
    expect(await probe(walls(isRoot))).toBeNull();
  });

  test.runIf(isRoot)('lets bubblewrap pass as an ordinary user starts it', async () => {
    const user = ['setpriv', '--reuid=12345', '--regid=12345', '--clear-groups'];
    expect(await probe([...user, ...walls(false)])).toBeNull();
  });

  test('refuses a container that is none, and names what code could do', async () => {
    const problem = await probe(['env']);
    expect(problem).toMatch(/^The sandbox does not hold on this machine: code in it could /);
    for (const part of [
      "reach this machine's own network",
      'reach a network',
      'read files outside of its folder',
      'write outside of its folder',
      "see this machine's processes",
      'leave files on this machine',
    ])
      expect(problem).toContain(part);
  });

  test.each([
    ['shares the network', () => without(walls(isRoot), '--unshare-net'), "reach this machine's own network"],
    [
      'shares processes',
      () =>
        mounting(without(walls(isRoot), '--unshare-pid', '--proc', '/proc'), '--ro-bind', '/proc', '/proc'),
      "see this machine's processes",
    ],
    [
      'shows the folder of scratch files',
      () => mounting(walls(isRoot), '--ro-bind', '/tmp', '/tmp'),
      'read files outside of its folder',
    ],
    [
      'lets write there',
      () => mounting(walls(isRoot), '--bind', '/tmp', '/tmp'),
      'write outside of its folder, leave files on this machine',
    ],
    [
      'hands on variables',
      () => [...walls(isRoot).slice(0, -1), '--setenv', 'SLACK_BOT_TOKEN', 'xoxb-1', '--'],
      "read the bot's variables",
    ],
  ])('refuses one that %s', async (_name, words, could) => {
    expect(await probe(words())).toContain(could);
  });

  test('refuses where there is no Python inside', async () => {
    const problem = await boxOf({ python: 'python-of-nobody' }).sandbox.problem();
    expect(problem).toMatch(/^The sandbox does not work on this machine: bwrap: execvp python-of-nobody/);
  });

  test('refuses where namespaces are forbidden, with what bubblewrap says of it', async () => {
    const { sandbox } = boxOf({
      sandbox: { kind: 'container', words: without(walls(isRoot), '--unshare-user') },
    });
    expect(await sandbox.problem()).toMatch(/^The sandbox does not work on this machine: bwrap: /);
  });
});
