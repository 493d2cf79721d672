// Every tensor is a region of 32-bit floats (or integers) in one imported memory; arguments are byte offsets.
// The meaning of each function is documented once, in ../kernels.ts.
export { matmul } from './matmul';
export { softmaxRow, crossEntropy, argmaxRows } from './softmax';
export { attentionForward, attentionBackward, attentionStep, rotate } from './attention';
export {
  rmsNormForward, rmsNormBackward, squaredReluForward, squaredReluBackward, embedForward, embedBackward, maxAbsolute,
} from './pointwise';
export { sumOfSquares, adamW } from './optimizer';
