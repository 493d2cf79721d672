/** Figures of an accelerator, as its maker states them. */
export interface Gpu {
  /** Dense bfloat16, FLOP/s. */
  peakFlops: number;
  /** Memory bandwidth, bytes a second. */
  bandwidth: number;
  memoryBytes: number;
}

/** Peaks and bandwidths as in nanochat's `get_peak_flops` and the makers' data sheets; dense, not sparse. */
export const gpus = {
  'A100-40GB': { peakFlops: 312e12, bandwidth: 1.56e12, memoryBytes: 40e9 },
  'A100-80GB': { peakFlops: 312e12, bandwidth: 2.0e12, memoryBytes: 80e9 },
  H100: { peakFlops: 989e12, bandwidth: 3.35e12, memoryBytes: 80e9 },
  H200: { peakFlops: 989e12, bandwidth: 4.8e12, memoryBytes: 141e9 },
  B200: { peakFlops: 2250e12, bandwidth: 8.0e12, memoryBytes: 180e9 },
  L40S: { peakFlops: 362e12, bandwidth: 0.86e12, memoryBytes: 48e9 },
  'RTX-4090': { peakFlops: 165.2e12, bandwidth: 1.01e12, memoryBytes: 24e9 },
  /** The processor: to try an installation with a tiny model, not to train with. */
  cpu: { peakFlops: 30e9, bandwidth: 10e9, memoryBytes: 8e9 },
} as const satisfies Record<string, Gpu>;

export type GpuName = keyof typeof gpus;
export const gpuNames = Object.keys(gpus) as GpuName[];
