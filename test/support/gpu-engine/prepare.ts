import { prepareLlamaFactory, preparePython } from './python.ts';

/**
 * For scripts: exit code 1 and one line where the runner's Python cannot be installed; only a line where LLaMA-Factory
 * cannot, whose tests are then left out.
 */
const missing = preparePython();
if (missing === null) {
  const rest = prepareLlamaFactory();
  if (rest !== null) console.log(rest);
} else {
  console.log(missing);
  process.exitCode = 1;
}
