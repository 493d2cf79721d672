import { readFileSync } from 'node:fs';
import { sha256 } from '../../../lib/hash.ts';
import { fromHalf } from './half.ts';

export interface BaseModel {
  weights: Float32Array;
  /** The retention guard's value for these weights, nats per token. */
  generalLoss: number;
  sha256: string;
}

interface BaseDescription {
  generalLoss: number;
  sha256: string;
}

/** The pre-trained weights beside this file (base/), made by pretrain.ts. @throws Error when they were tampered with. */
export function loadBaseModel(): BaseModel {
  const description = JSON.parse(
    readFileSync(new URL('./base/nano-154k.json', import.meta.url), 'utf8'),
  ) as BaseDescription;
  const bytes = readFileSync(new URL('./base/nano-154k.f16.bin', import.meta.url));
  if (sha256(bytes) !== description.sha256)
    throw new Error('The base weights do not have the SHA-256 that they should.');
  return { weights: fromHalf(bytes), generalLoss: description.generalLoss, sha256: description.sha256 };
}
