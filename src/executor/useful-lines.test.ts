import { expect, test } from 'vitest';
import { usefulLines } from './useful-lines.ts';

const progress = Array.from({ length: 40 }, (_, i) => `step ${i} loss ${(2 - i / 40).toFixed(3)}`);
const first = (...lines: string[]): string[] => usefulLines(lines.join('\n')).lines;

test('of a traceback: the exception, then where it was raised, innermost call first', () => {
  const found = usefulLines(
    [
      '/opt/trex/lib/python3.11/site-packages/torch/cuda/__init__.py:61: FutureWarning: The pynvml package is deprecated; an error in it is ignored.',
      ...progress,
      'Traceback (most recent call last):',
      '  File "/runs/a/trex_train.py", line 149, in main',
      '    result = carry_out(read_run(os.path.join(folder, "run.json")), folder, should_stop)',
      '             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^',
      '  File "/runs/a/trex_train.py", line 74, in carry_out',
      '    from trl import SFTTrainer',
      "ModuleNotFoundError: No module named 'trl'",
      ...progress,
    ].join('\n'),
  );
  expect(found).toEqual({
    isComplaint: true,
    lines: [
      "ModuleNotFoundError: No module named 'trl'",
      'File "/runs/a/trex_train.py", line 74, in carry_out: from trl import SFTTrainer',
      'File "/runs/a/trex_train.py", line 149, in main: result = carry_out(read_run(os.path.join(folder, "run.json")), folder, should_stop)',
    ],
  });
});

test('CUDA out of memory, with the rank before each line', () => {
  const message =
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.32 GiB. GPU 0 has a total capacity of 79.10 GiB of which 1.84 GiB is free.';
  expect(
    first(
      '[rank0]: Traceback (most recent call last):',
      '[rank0]:   File "/opt/trex/lib/python3.11/site-packages/transformers/trainer.py", line 3698, in training_step',
      '[rank0]:     loss = self.compute_loss(model, inputs)',
      `[rank0]: ${message}`,
      'E1122 03:12:44.120000 91 site-packages/torch/distributed/elastic/multiprocessing/api.py:869] failed (exitcode: 1)',
    )[0],
  ).toBe(message);
});

test('NCCL between two nodes: the first word counts, not the flood of other ranks', () => {
  expect(
    first(
      'gpu07:114:201 [0] NCCL INFO Bootstrap : Using eth0:10.0.0.7<0>',
      '[rank1]: Traceback (most recent call last):',
      '[rank1]:   File "/runs/a/trex_fit.py", line 98, in fit',
      '[rank1]:     trainer.train(resume_from_checkpoint=checkpoint)',
      '[rank1]: torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/NCCLUtils.hpp:275, unhandled system error, NCCL version 2.21.5',
      '[rank1]: ncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error.',
      '[rank1]: Last error:',
      '[rank1]: socketStartConnect: Connect to 10.0.0.8<41231> failed : Connection refused',
      '[rank0]: Traceback (most recent call last):',
    ),
  ).toEqual([
    'torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/NCCLUtils.hpp:275, unhandled system error, NCCL version 2.21.5',
    'ncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error.',
    'Last error:',
    'socketStartConnect: Connect to 10.0.0.8<41231> failed : Connection refused',
    'File "/runs/a/trex_fit.py", line 98, in fit: trainer.train(resume_from_checkpoint=checkpoint)',
  ]);
});

test.each([
  ['a shell', '/var/spool/slurmd/job00041/slurm_script: line 12: module: command not found'],
  ['a program that is not there', 'bash: /opt/trex/bin/python: No such file or directory'],
  ['a full disk', 'cp: error writing weights.safetensors: No space left on device'],
  ['a quota', 'tee: out.log: Disk quota exceeded'],
  [
    'Slurm with control groups',
    'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=41.batch. Some of the step tasks have been OOM Killed.',
  ],
  [
    'Slurm without them',
    'slurmstepd: error: StepId=2.batch exceeded memory limit (317980672 > 104857600), being killed',
  ],
  [
    'a time limit',
    'slurmstepd: error: *** JOB 8 ON n1 CANCELLED AT 2026-03-02T03:12:44 DUE TO TIME LIMIT ***',
  ],
  ['the kernel', 'run.sh: line 3:  4711 Killed                  python trex_train.py'],
  ['a crash in native code', 'Segmentation fault (core dumped)'],
])('of %s', (_, line) => {
  expect(first(...progress, line, ...progress)).toEqual([line, ...progress.slice(0, 19)]);
});

test('words of trouble that are none', () => {
  for (const line of [
    'UserWarning: an error rate above 1 is unusual',
    '0 errors, 12 rows',
    'eval: word_error_rate 0.12',
    'error: None',
  ])
    expect(usefulLines(`${line}\nfine`)).toEqual({ isComplaint: false, lines: [line, 'fine'] });
});

test('without a complaint the end counts; nothing is nothing; long lines and progress bars are cut', () => {
  expect(first(...progress, '', '')).toEqual(progress.slice(-20));
  expect(usefulLines('\n  \n').lines).toEqual([]);
  expect(first(`Error: ${'x'.repeat(5000)}`)[0]).toHaveLength(300);
  expect(first('  3%|▎ | 1/40\r  5%|▌ | 2/40\r 10%|█ | 4/40')).toEqual([' 10%|█ | 4/40']);
});

test('a log that ends inside of a traceback shows what there is of it', () => {
  expect(first('Traceback (most recent call last):', '  File "a.py", line 1, in f', '    g()')).toEqual([
    'Traceback (most recent call last):',
    '  File "a.py", line 1, in f',
    '    g()',
  ]);
});

test('whatever a job printed, it is read in a moment', () => {
  const started = performance.now();
  for (const piece of ['a.', 'aA', 'Error', '[rank1]: ', ' ', 'A_'])
    usefulLines(piece.repeat(2_000_000 / piece.length));
  usefulLines(`${progress.join('\n')}\n`.repeat(5000));
  expect(performance.now() - started).toBeLessThan(10_000);
});
