# How many of our jobs are unfinished.
rows=$(squeue -h --me -t PENDING,CONFIGURING,RUNNING,SUSPENDED,REQUEUED,STAGE_OUT -o %j 2>&1) || fail slurm "$rows"
count=0
while read -r name; do
  [ -n "$name" ] && [ -L "$state/keys/$name/dir" ] && ! is_there "$state/keys/$name/dir/exit.json" && count=$((count + 1))
done <<< "$rows"
say "$mark"
say count "$count"
say done
