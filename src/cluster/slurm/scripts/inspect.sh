# Where a file of a job lies and what is in it. Set above: key, file. Prints `unknown`, `none`, or `file BYTES SHA256 PATH`.
answer() {
  say "$mark"
  say "$@"
  exit 0
}
[ -L "$state/keys/$key/dir" ] || answer unknown
cd -P "$state/keys/$key/dir/" 2> /dev/null && [ -f "./$file" ] && [ ! -L "./$file" ] || answer none
sum=$(sha256sum < "./$file") || fail disk "$file cannot be read"
answer file "$(stat -c %s "./$file")" "${sum%% *}" "$PWD/$file"
