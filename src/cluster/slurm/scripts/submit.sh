# Hands a job in, once. Set above: key, dir, words and record and script (base64), and final, which finds the refusals
# that no waiting changes. Prints `new ID` or `adopted ID`.
full() { fail disk_full "$1"; }
folder=$state/keys/$key
problem=$(mkdir -p "$folder" 2>&1) || full "$problem"
cd "$folder" || fail no_folder "$folder"
exec 9> lock || full "$folder/lock"
# A file system without locks answers with something else than "busy" (1); the claim of the job still lets it run only once.
flock -w 60 9 2> /dev/null
[ $? -ne 1 ] || fail busy "$key"

answer() {
  say "$mark"
  say "$1" "$2"
  exit 0
}
[ ! -s id ] || answer adopted "$(< id)"

if [ ! -L dir ]; then
  problem=$(
    { base64 -d <<< "$words" > words.part && mv words.part words \
      && base64 -d <<< "$record" > record.part && mv record.part record.json \
      && ln -sT "$dir" dir; } 2>&1
  ) || full "$problem"
fi

remember() {
  printf '%s\n' "$1" > id.part && mv id.part id
}
# A submit that was cut short, here or in the controller, left a job of this name, or one that has run already.
found=$(squeue -h --me -t all -n "$key" -o %A 2>&1) || fail slurm "$found"
found=${found%%$'\n'*}
if [ -z "$found" ]; then
  line_of dir/claim.json
  [[ $line =~ \"jobId\":\"([0-9]+)\" ]] && found=${BASH_REMATCH[1]}
  [ -n "$found" ] || ! is_there dir/exit.json || found=none
fi
if [ -n "$found" ]; then
  remember "$found"
  answer adopted "$found"
fi

if ! answered=$(base64 -d <<< "$script" | "${clean[@]}" sbatch --parsable --export=ALL 2>&1 9>&-); then
  # A command that is away now, an upgrade for example, answers like a typing error.
  case $answered in
    *'Unable to contact'* | *'No such file or directory'*) fail slurm "$answered" ;;
  esac
  shopt -s nocasematch
  [[ $answered =~ $final ]] || fail not_now "$answered"
  # Refused for good: the key stays unknown, and its directory free.
  rm -f dir words record.json
  fail refused "$answered"
fi
id=${answered##*$'\n'}
id=${id%%;*}
[[ $id =~ ^[0-9]+$ ]] || fail slurm "$answered"
remember "$id" 2> /dev/null
answer new "$id"
