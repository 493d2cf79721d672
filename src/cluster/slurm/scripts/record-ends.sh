# Writes down the ends of jobs that could not do it. Set above: ends, with a key and a line of JSON in turn.
say "$mark"
for ((i = 0; i < ${#ends[@]}; i += 2)); do
  file=$state/keys/${ends[i]}/dir/exit.json
  # One that Slurm would start again is taken out of its queue.
  timeout 10 scancel --me --state=PENDING --name="${ends[i]}" 2> /dev/null
  write_once "$file" "${ends[i + 1]}"
  # None where the disk is full; the next look asks again.
  is_there "$file" || continue
  line_of "$file"
  say exit "${ends[i]}" "$line"
done
say done
