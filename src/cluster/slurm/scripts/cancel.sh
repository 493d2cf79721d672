# Asks a job to stop. Set above: key, grace (seconds), claim and ended (lines of JSON, for a job that has not begun), hard (1: without grace).
folder=$state/keys/$key/dir
cd "$folder/" || fail no_folder "$folder"
is_there cancel.json || write_once cancel.json "{\"graceSeconds\":$grace}" || is_there cancel.json || fail disk_full "$folder"
# Whoever has the claim decides: a job that has not begun now never will.
if write_once claim.json "$claim"; then
  write_once exit.json "$ended"
  hard=1
fi
if [ "$hard" = 1 ]; then
  problem=$(timeout 60 scancel --me --name="$key" 2>&1) || fail slurm "${problem:-scancel did not answer in a minute}"
else
  # A job that is just starting or ending cannot be signalled, which scancel tries for a minute and a half. It need not
  # be: the batch script looks for cancel.json by itself.
  timeout 3 scancel --me --batch --signal=TERM --name="$key" 2> /dev/null
fi
say "$mark"
say done
