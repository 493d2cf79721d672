"""
Stands in for lm-eval where its ends are tested that are hard to have from the real one: FAKE_LM_EVAL is what it writes as
its results, and it ends well whatever that is.
"""

import json
import os
import sys
import time

with open(sys.argv[sys.argv.index("--config") + 1]) as file:
    config = json.load(file)
text = os.environ["FAKE_LM_EVAL"]
print("Saving results aggregated", file=sys.stderr)
if text == "wait":
    time.sleep(60)
elif text != "":
    folder = os.path.join(config["output_path"], "model")
    os.makedirs(folder)
    with open(os.path.join(folder, "results_2026-01-01T00-00-00.json"), "w") as file:
        file.write(text)
