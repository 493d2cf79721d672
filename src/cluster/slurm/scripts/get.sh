# The plain files of a run directory as a tar archive, without folders, links and what is larger than `most` bytes.
cd "$state/keys/$key/dir/" || exit 1
say "$mark"
find . -maxdepth 1 -type f -size "-$((most + 1))c" -printf './%f\0' | tar -c -f - --null --no-recursion -T -
