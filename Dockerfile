# One static program on an empty image, with CA certificates for TLS to MySQL and a folder for SQLite. From the top folder:
#
#   docker build -t omarty:1.0.0 --build-arg VERSION=1.0.0 --build-arg COMMIT=$(git rev-parse HEAD) .
#   docker run -p 127.0.0.1:8080:8080 -v omarty:/data -v /etc/omarty/secret:/secret:ro \
#     -e OMARTY_AUTH_HS256_SECRET_FILE=/secret omarty:1.0.0
#
# The secret's file must be readable for user 65532. The other commands run too: docker exec ... /omarty backup copy.db

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
ARG COMMIT=unknown
RUN CGO_ENABLED=0 go build -trimpath -o /out/omarty \
    -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT}" ./cmd/omarty \
    && mkdir -m 700 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/omarty /omarty
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
# The database is sqlite://omarty.db unless configured otherwise, which is in this folder.
WORKDIR /data
VOLUME /data
ENV OMARTY_HTTP_ADDRESS=:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/omarty", "health"]
ENTRYPOINT ["/omarty"]
CMD ["serve"]
