import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type OpenSandbox,
  openSandbox,
  quickLimits,
  sandboxProcesses,
} from '../support/sandbox/open-sandbox.ts';
import { until } from '../support/until.ts';

/** Code as a malicious model might write it, in the real sandbox. Each ends with nothing of it left. */

let box: OpenSandbox;
let listener: Server;
let port: number;
let connections = 0;
/** A file of this machine that everybody may read: only the sandbox is in the way. */
let outside: string;

beforeAll(async () => {
  box = openSandbox();
  outside = mkdtempSync(join(tmpdir(), 'trex-outside-'));
  chmodSync(outside, 0o777);
  writeFileSync(join(outside, 'secret'), 'the secret', { mode: 0o666 });
  listener = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  port = (listener.address() as { port: number }).port;
});
afterAll(() => {
  listener.close();
  box.close();
  rmSync(outside, { recursive: true, force: true });
});
afterEach(() => until('an empty sandbox', 5000, () => sandboxProcesses().length === 0));

/** Tries an expression or a block that sets `got`: what it got, or the error it met. */
async function attempt(body: string): Promise<string> {
  const lines = body.includes('got =') ? body.split('\n') : [`got = ${body}`];
  const made = await box.attempt(
    [
      'import ctypes, errno, mmap, os, resource, signal, socket, sys, time',
      'libc = ctypes.CDLL(None, use_errno=True)',
      'def call(name, *args):',
      '    result = getattr(libc, name)(*args)',
      '    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]',
      'def read(path):',
      '    with open(path, "rb") as file:',
      '        return file.read(200).decode("latin-1")',
      'def write(path):',
      '    with open(path, "w") as file:',
      '        file.write("x")',
      '    return "written"',
      'def attempt():',
      ...lines.map((line) => `    ${line}`),
      '    return got',
      'def map_row(row):',
      '    try:',
      '        got = attempt()',
      '    except OSError as error:',
      '        got = errno.errorcode.get(error.errno, str(error))',
      '    return {"prompt": "p", "completion": str(got)}',
    ].join('\n'),
  );
  return typeof made === 'string'
    ? made
    : ((made as { completion: string } | undefined)?.completion ?? 'nothing');
}

describe('the network', () => {
  test('of this machine is not there, and nobody knocked', async () => {
    expect(await attempt(`socket.create_connection(("127.0.0.1", ${port}), 2)`)).toBe('ECONNREFUSED');
    expect(connections).toBe(0);
  });
  test('outside is not there', async () => {
    expect(await attempt('socket.create_connection(("1.1.1.1", 443), 2)')).toBe('ENETUNREACH');
  });
  test('has no names', async () => {
    expect(await attempt('socket.getaddrinfo("example.com", 443)')).toMatch(/resolution|not known|-[23]/);
  });
  test('has one interface, its own', async () => {
    const text = await attempt('[l.split(":")[0].strip() for l in open("/proc/net/dev") if ":" in l]');
    expect(text).toBe("['lo']");
  });
  test.each([
    ['vsock, which leads to the machine below', 40],
    ['netlink', 16],
    ['packet', 17],
    ['the kernel’s cryptography', 38],
  ])('of family %s cannot be used', async (_name, family) => {
    expect(
      await attempt(`socket.socket(${family}, socket.SOCK_DGRAM if ${family} != 40 else socket.SOCK_STREAM)`),
    ).toBe('EPERM');
  });
  test('has no abstract sockets of this machine', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen('\0trex-escape', resolve));
    const tried = 's = socket.socket(socket.AF_UNIX)\ns.connect("\\0trex-escape")\ngot = "connected"';
    expect(await attempt(tried)).toBe('ECONNREFUSED');
    server.close();
  });
});

describe('files', () => {
  test.each([
    ['the shadow file', '/etc/shadow'],
    ['the list of users', '/etc/passwd'],
    ['keys of ssh', `${homedir()}/.ssh/id_ed25519`],
    ['the home of root', '/root/.bashrc'],
    ['the code of the bot', join(process.cwd(), 'package.json')],
    ['logs', '/var/log/dpkg.log'],
    ['sockets of services', '/run/docker.sock'],
    ['the memory of the kernel', '/proc/kcore'],
    ['physical memory', '/dev/mem'],
    ['disks', '/dev/vda'],
    ['the first process’s view of files', '/proc/1/root/etc/shadow'],
  ])('such as %s cannot be read', async (_name, path) => {
    expect(await attempt(`read(${JSON.stringify(path)})`)).toMatch(/^(ENOENT|EACCES|EPERM)$/);
  });
  test('of the bot that everybody may read cannot be read', async () => {
    const path = join(outside, 'secret');
    expect(readFileSync(path, 'utf8')).toBe('the secret');
    expect(await attempt(`read(${JSON.stringify(path)})`)).toBe('ENOENT');
    expect(await attempt(`read("/proc/self/cwd/../.." + ${JSON.stringify(path)})`)).toBe('ENOENT');
    expect(await attempt(`read("/proc/1/cwd/.." + ${JSON.stringify(path)})`)).toMatch(/ENOENT|EACCES/);
  });
  test.each(['/', '/usr', '/usr/bin', '/etc', '/dev', '/dev/shm', '/proc/sys/kernel', '/bin'])(
    'cannot be written in %s',
    async (folder) => {
      expect(await attempt(`write("${folder}/x")`)).toMatch(/^(EROFS|EACCES|ENOENT|EPERM)$/);
    },
  );
  test('cannot be written outside, nor made to seem so', async () => {
    expect(await attempt(`write(${JSON.stringify(join(outside, 'made'))})`)).toBe('ENOENT');
    expect(readdirSync(outside)).toEqual(['secret']);
    for (const folder of ['/tmp', '/var/tmp', '/home', '/run'])
      expect(await attempt(`write("${folder}/x")`)).toBe('ENOENT');
  });
  test('of its own folder are gone with it', async () => {
    expect(await attempt('write("/box/kept")')).toBe('written');
    expect(await attempt('os.listdir("/box")')).toBe('[]');
    expect(existsSync('/box/kept')).toBe(false);
  });
  test('cannot be reached by links', async () => {
    const path = JSON.stringify(join(outside, 'secret'));
    expect(await attempt(`os.symlink(${path}, "/box/link")\ngot = read("/box/link")`)).toBe('ENOENT');
    expect(await attempt('os.link("/usr/bin/su", "/box/su")')).toBe('EXDEV');
    expect(await attempt(`os.symlink(${path}, "/box/out.jsonl")\ngot = "the answer is no file"`)).toBe(
      'the answer is no file',
    );
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('the secret');
  });
  test('as devices cannot be made', async () => {
    expect(await attempt('os.mknod("/box/mem", 0o20666, os.makedev(1, 1))')).toBe('EPERM');
  });
});

describe('the bot', () => {
  test('keeps its variables: neither the code’s nor the first process’s hold any', async () => {
    process.env.TREX_TEST_SECRET = 'xoxb-secret';
    const seen = await attempt(
      'import glob\ngot = str(dict(os.environ)) + "".join(read(p) for p in glob.glob("/proc/*/environ"))',
    );
    delete process.env.TREX_TEST_SECRET;
    expect(seen).toContain('PYTHONHASHSEED');
    expect(seen).not.toMatch(/secret|TREX_|SLACK|OPENAI/);
  });
  test('keeps its open files', async () => {
    const listed =
      'sorted(os.readlink("/proc/%s/fd/%s" % (p, f)).split(":")[0] for p in (1, "self") for f in os.listdir("/proc/%s/fd" % p) if os.path.lexists("/proc/%s/fd/%s" % (p, f)))';
    expect(await attempt(listed)).not.toMatch(/trex|\/box\/|\/tmp|home|root/);
    // What it was given: rows, answer, log.
    expect(await attempt('[f for f in range(5, 32) if os.path.exists("/proc/self/fd/%d" % f)]')).toBe('[]');
  });
  test('is not among the processes it sees, which are few and its own', async () => {
    const seen = Number(await attempt('len([p for p in os.listdir("/proc") if p.isdigit()])'));
    expect(seen).toBeLessThanOrEqual(3);
    expect(await attempt(`read("/proc/${process.pid}/cmdline")`)).toBe('ENOENT');
  });
  test('cannot be signalled', async () => {
    expect(await attempt(`os.kill(${process.pid}, 9)`)).toBe('ESRCH');
  });
  test('has no terminal to type into', async () => {
    expect(await attempt('open("/dev/tty")')).toMatch(/ENXIO|ENOENT/);
    expect(await attempt('os.getsid(0) == os.getpgid(0)')).toBe('True');
  });
});

describe('rights', () => {
  test('are those of nobody: no root, no capabilities, no way to more', async () => {
    const status = await attempt(
      '"".join(l for l in open("/proc/self/status") if l.startswith(("Uid", "Groups", "Cap", "NoNew", "Seccomp:")))',
    );
    if (process.getuid?.() === 0) expect(status).toMatch(/Uid:\s+65534\s+65534\s+65534\s+65534/);
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect(status).toMatch(new RegExp(`${set}:\\s+0{16}`));
    expect(status).toMatch(/NoNewPrivs:\s+1/);
    expect(status).toMatch(/Seccomp:\s+2/);
  });
  test('are not given by programs that run as root', async () => {
    expect(await attempt('bool(os.statvfs("/usr").f_flag & os.ST_NOSUID)')).toBe('True');
    expect(await attempt('os.execv("/usr/bin/su", ["su", "-c", "id"])')).toMatch(/^Its code /);
  });
  test.each([
    ['a namespace of its own making', 'call("unshare", 0x10000000)'],
    ['another mount', 'call("mount", b"none", b"/box", b"tmpfs", 0, None)'],
    ['an unmount', 'call("umount2", b"/usr", 2)'],
    ['another root', 'call("chroot", b"/box")'],
    ['another host name', 'call("sethostname", b"x", 1)'],
    ['the process of the sandbox', 'call("ptrace", 16, 1, 0, 0)'],
    ['its memory', 'call("process_vm_readv", 1, None, 0, None, 0, 0)'],
    ['programs in the kernel', 'call("syscall", 321, 0, None, 0)'],
    ['the kernel’s queues', 'call("syscall", 425, 1, None)'],
    ['the kernel’s keys', 'call("syscall", 250, 0, 0)'],
    ['calls by the numbers of x32', 'call("syscall", 0x40000000 + 39)'],
    ['the clock', 'call("settimeofday", ctypes.create_string_buffer(16), None)'],
    ['a higher limit', 'resource.setrlimit(resource.RLIMIT_NPROC, (99, 99))'],
  ])('do not reach to %s', async (_name, body) => {
    expect(await attempt(body)).toMatch(/EPERM|not allowed to raise/);
  });
});

describe('limits', () => {
  test('a fork bomb does not explode', async () => {
    expect(await attempt('os.fork()')).toBe('EAGAIN');
    expect(await attempt('import subprocess\ngot = subprocess.run(["true"])')).toBe('EAGAIN');
    expect(await attempt('os.posix_spawn("/usr/bin/sleep", ["sleep", "99"], {})')).toBe('EAGAIN');
    expect(
      await attempt('import threading\nthreading.Thread(target=time.sleep, args=(9,)).start()\ngot = 1'),
    ).toMatch(/can't start new thread/);
  });
  test('a memory bomb is told how much there is', async () => {
    expect(await attempt('len(bytearray(10**10))')).toBe(
      'Its code failed on row 1: it needs more than 512 MB (line 14).',
    );
    expect(await attempt('got = []\nwhile True: got.append(bytearray(1 << 20))')).toMatch(
      /needs more than 512 MB/,
    );
    expect(await attempt('mmap.mmap(-1, 1 << 30)')).toBe('ENOMEM');
  });
  test('memory that belongs to no process cannot be had', async () => {
    expect(await attempt('call("shmget", 0, 1 << 30, 0o1600)')).toBe('EPERM');
    expect(await attempt('call("msgget", 0, 0o1600)')).toBe('EPERM');
    expect(await attempt('os.memfd_create("x")')).toBe('EPERM');
  });
  test('an endless loop ends', async () => {
    expect(await attempt('got = 1\nwhile True: pass')).toBe(
      'Its code was killed: it used 2 s of processor time, or this machine ran out of memory.',
    );
  });
  test('a loop that ignores signals ends', async () => {
    const body =
      'for s in range(1, 32):\n    if s not in (9, 19): signal.signal(s, signal.SIG_IGN)\ngot = 1\nwhile True: pass';
    expect(await attempt(body)).toMatch(/2 s of processor time/);
  });
  test('a long sleep ends', async () => {
    const short = openSandbox({ limits: { ...quickLimits, wallMs: 1000 } });
    const started = performance.now();
    expect(await short.attempt('import time\ndef map_row(row):\n    time.sleep(99)')).toBe(
      'Its code did not end within 1 s.',
    );
    expect(performance.now() - started).toBeLessThan(8000);
    short.close();
  });
  test('an expression that backtracks for years ends', async () => {
    expect(await attempt('import re\ngot = re.match("(a+)+$", "a" * 60 + "!")')).toMatch(
      /2 s of processor time/,
    );
  });
  test('a file ends at its size, the folder at its own', async () => {
    const fill = (name: string) =>
      `f = open("${name}", "wb")\nwhile True: f.write(b"x" * (1 << 20))\ngot = 1`;
    expect(await attempt(fill('a'))).toBe('EFBIG');
    expect(await attempt('for n in range(99): open(str(n), "wb").write(b"x" * (8 << 20))\ngot = 1')).toBe(
      'ENOSPC',
    );
  });
  test('an answer without end is cut off', async () => {
    const flood = 'def map_row(row):\n    return {"prompt": "x" * (8 << 20), "completion": "y"}';
    expect(await box.attempt(flood)).toMatch(/^Its code gave more than 2 MB/);
    const line = 'import os\ndef map_row(row):\n    while True: os.write(4, b"x" * 65536)';
    expect(await box.attempt(line)).toMatch(/^Its code gave more than 2 MB/);
  });
  test('a flood of prints costs no memory here and ends with the time', async () => {
    const before = process.memoryUsage().rss;
    expect(await attempt('got = 1\nwhile True: print("x" * 65536)')).toMatch(/processor time|did not end/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });
  test('many open files end', async () => {
    expect(await attempt('got = [open("/dev/null") for _ in range(99)]')).toBe('EMFILE');
  });
});

describe('its end', () => {
  test('takes the processes with it when the code kills what it can', async () => {
    expect(await attempt('os.kill(-1, 9)')).toBe('ESRCH');
    expect(await attempt('os.kill(os.getpid(), 9)')).toMatch(/^Its code /);
    expect(await attempt('os.kill(1, 9)\ngot = "alive"')).toBe('alive');
  });
  test('comes when the bot dies: bubblewrap is told', async () => {
    const running = attempt('time.sleep(99)');
    await until('it to run', 5000, () => sandboxProcesses().length >= 3);
    // The outer one stands for the bot here: what it started must not outlive it.
    process.kill(Math.min(...sandboxProcesses()), 'SIGKILL');
    await until('its end', 5000, () => sandboxProcesses().length === 0);
    expect(await running).toMatch(/^Its code /);
  });
  test('without all answers leaves what came for others to refuse', async () => {
    expect(
      await box.sandbox.run({ code: 'import os\ndef map_row(row): os._exit(0)', seed: 1, rows: '{}\n{}\n' }),
    ).toBe('');
  });
});
