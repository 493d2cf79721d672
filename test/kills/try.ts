import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalWorkspace } from '/work/main/src/slack/local-workspace.ts';
import { createNanoCatalog } from '/work/main/src/executor/nano-catalog.ts';
import { createRng } from '/work/main/src/lib/rng.ts';
const dir = mkdtempSync(join(tmpdir(), 'trex-try-'));
const ws = await startLocalWorkspace({ dir: join(dir, 'workspace'), port: 0 });
console.log(dir, ws.pageUrl);
const catalog = createNanoCatalog();
const rng = createRng(1);
const enc = (rows: any[]) => new TextEncoder().encode(rows.map((r) => JSON.stringify({prompt: r.prompt, completion: r.completion})).join('\n') + '\n');
const train = rng.shuffle([...(await catalog.load('date/clean'))]).slice(0, 300);
const ev = (await catalog.evaluation('date')).slice(0, 120);
const started = performance.now();
const t = () => ((performance.now() - started) / 1000).toFixed(1);
const bot = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '/work/main/test/kills/bot-process.ts'], { cwd: dir, stdio: ['ignore','pipe','inherit'], env: { PATH: process.env.PATH, TREX_DATA_DIR: join(dir, 'data'), TREX_PORT: '0', TREX_SLOTS: '1', TREX_LOG_LEVEL: 'warn', SLACK_BOT_TOKEN: ws.botToken, SLACK_APP_TOKEN: ws.appToken, SLACK_API_URL: ws.apiUrl, ...(process.env.PGURL ? { DATABASE_URL: process.env.PGURL } : {}) } });
await new Promise<void>((r) => bot.stdout!.on('data', (d) => { process.stdout.write(d); if (String(d).includes('running')) r(); })); console.log(t(), 'up');
const req = await ws.control.upload({ channel: 'C0TRAINING', user: 'U0TREXANA', text: `<@${ws.botUserId}> fine-tune the small model to turn messy dates into ISO, exact match. Training rows and a clean evaluation file attached, budget 10 hours, ask me every time, one at a time, at most 6 rounds`, files: [{ name: 'dates-train.jsonl', bytes: enc(train) }, { name: 'dates-eval.jsonl', bytes: enc(ev) }] });
const seen = new Set<string>(); const pressed = new Set<string>();
for (let i = 0; i < 500; i++) {
  const thread = (await ws.control.messages('C0TRAINING')).filter((m) => m.thread_ts === req.ts);
  for (const m of thread) {
    const k = m.ts + m.text; if (!seen.has(k)) { seen.add(k); console.log(t(), m.ts, m.text.slice(0, 200).replace(/\n/g, ' | ')); }
    for (const b of m.blocks ?? []) for (const e of b.elements ?? []) {
      const label = typeof e.text === 'object' ? e.text?.text ?? '' : '';
      if (/^(start|approve)$/i.test(label) && !pressed.has(e.action_id!)) { pressed.add(e.action_id!); console.log(t(), 'press', e.action_id); await ws.control.click({ channel: 'C0TRAINING', messageTs: m.ts, user: 'U0TREXANA', action: e.action_id! }); }
    }
  }
  if (thread.some((m) => /report|finished/i.test(m.text) && m.text.includes('test'))) break;
  await new Promise((r) => setTimeout(r, 500));
}
console.log(t(), 'stop'); bot.kill('SIGTERM'); await new Promise((r) => bot.once('exit', (c, s) => r(console.log('exit', c, s)))); console.log(t());
await ws.stop();
