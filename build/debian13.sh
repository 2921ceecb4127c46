# For other scripts to source: packages of Debian 13, unpacked into a folder. Nothing is installed, and root is not needed.

# debian13 FOLDER PACKAGE:ARCHITECTURE...
# Takes the machine's own mirror of Debian, by a configuration of apt's in that folder. Returns 1, with a sentence on standard error, where that cannot be.
debian13() {
  local folder=$1 own=$1.apt mirror package
  shift
  [ "$(cat "$folder/packages" 2>/dev/null)" != "$*" ] || return 0
  if ! grep -qx 'ID=debian' /etc/os-release 2>/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is not Debian: its packages cannot be brought here." >&2
    return 1
  fi
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' | grep -v security | head -1)
  [ -n "$mirror" ] || { echo "apt has no source of Debian's main packages." >&2; return 1; }
  echo "Bringing $* of Debian 13 ..." >&2
  rm -rf "$folder" "$own"
  mkdir -p "$folder" "$own"/{lists,cache/archives}/partial "$own/packages"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$own/sources.list"
  cat >"$own/apt.conf" <<EOF
APT::Architecture "amd64";
APT::Architectures { "amd64"; "arm64"; };
APT::Sandbox::User "$(id -un)";
Dir::Etc::sourcelist "$own/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$own/lists";
Dir::Cache "$own/cache";
EOF
  (cd "$own/packages" && export APT_CONFIG=$own/apt.conf && apt-get -qq update && apt-get -qq download "$@") || return 1
  for package in "$own"/packages/*.deb; do dpkg -x "$package" "$folder" || return 1; done
  [ -e "$folder/lib" ] || ln -s usr/lib "$folder/lib"
  rm -rf "$own"
  echo "$*" >"$folder/packages"
}
