# syntax=docker/dockerfile:1
# Targets: app (the last, the default) is the application; objects is MinIO, built from its Go module.
FROM node:20-trixie-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm install --no-save --loglevel=error
COPY web/ ./
RUN npm run build

FROM golang:1.26-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist ./web/dist
ARG VERSION=container
# 1 for tokens and HSMs (PKCS #11)
ARG CGO=0
RUN CGO_ENABLED=$CGO go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /out/nghisu ./cmd/nghisu

FROM golang:1.26-trixie AS minio
RUN CGO_ENABLED=0 GOBIN=/out go install github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c

FROM debian:trixie-slim AS base
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin nghisu \
 && install -d -o nghisu -g nghisu -m 0750 /data
USER 10001:10001
VOLUME /data

FROM base AS objects
COPY --from=minio /out/minio /usr/local/bin/minio
EXPOSE 9000
ENTRYPOINT ["minio"]
CMD ["server", "/data"]

FROM base AS app
COPY --from=build /out/nghisu /usr/local/bin/nghisu
ENV NGHISU_DATA=/data NGHISU_LISTEN=0.0.0.0:8080 NGHISU_MEDIA_LISTEN=:8443 NGHISU_LOG_FORMAT=json
EXPOSE 8080 8443/udp
ENTRYPOINT ["nghisu"]
CMD ["serve"]
