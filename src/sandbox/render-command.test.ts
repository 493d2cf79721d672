import { expect, test } from 'vitest';
import { sandboxLimits as limits } from './limits.ts';
import { type CommandParts, renderCommand } from './render-command.ts';

const lineOf = (over: Partial<CommandParts>): string =>
  renderCommand({
    sandbox: { kind: 'bwrap' },
    python: 'python3',
    driver: 'DRIVER',
    limits,
    isRoot: false,
    ...over,
  })
    .join(' ')
    .replaceAll(' --', '\n--');

test('the command of bubblewrap', () => {
  expect(lineOf({})).toMatchInlineSnapshot(`
    "bwrap
    --unshare-user
    --unshare-ipc
    --unshare-pid
    --unshare-net
    --unshare-uts
    --unshare-cgroup-try
    --disable-userns
    --die-with-parent
    --new-session
    --json-status-fd 3
    --ro-bind /usr /usr
    --symlink usr/bin /bin
    --symlink usr/lib /lib
    --symlink usr/lib64 /lib64
    --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache
    --proc /proc
    --dev /dev
    --remount-ro /dev
    --size 67108864
    --tmpfs /box
    --remount-ro /
    --chdir /box
    --hostname sandbox
    --cap-drop ALL
    --clearenv
    --setenv PATH /usr/local/bin:/usr/bin:/bin
    --setenv HOME /box
    --setenv TMPDIR /box
    --setenv LANG C.UTF-8
    --setenv PYTHONHASHSEED 0
    --setenv PYTHONDONTWRITEBYTECODE 1
    -- python3 -s -c DRIVER"
  `);
});

test('as root it becomes nobody first', () => {
  expect(lineOf({ isRoot: true }).split(' bwrap')[0]).toMatchInlineSnapshot(`
    "setpriv
    --reuid=65534
    --regid=65534
    --clear-groups
    --no-new-privs"
  `);
});

test('a container is started with the words of the site', () => {
  const words = ['apptainer', 'exec', '--containall', '--net', '--network', 'none', '/images/python.sif'];
  expect(lineOf({ sandbox: { kind: 'container', words }, isRoot: true })).toMatchInlineSnapshot(`
    "apptainer exec
    --containall
    --net
    --network none /images/python.sif env PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 python3 -s -c DRIVER"
  `);
});
