CREATE TABLE blocks (
    id     BIGINT       NOT NULL PRIMARY KEY,
    name   VARCHAR(255) NOT NULL,
    status VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

CREATE TABLE apartments (
    id              BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    registration_id BINARY(16)  NULL,
    block_id        BIGINT      NOT NULL,
    floor           SMALLINT    NOT NULL,
    number          INT         NOT NULL,
    registered_by   BIGINT      NULL,
    registered_at   DATETIME(6) NOT NULL,
    UNIQUE KEY apartments_registration (registration_id),
    UNIQUE KEY apartments_number (block_id, number),
    CONSTRAINT apartments_block FOREIGN KEY (block_id) REFERENCES blocks (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

CREATE TABLE memberships (
    id           BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id      BIGINT      NOT NULL,
    block_id     BIGINT      NOT NULL,
    apartment_id BIGINT      NULL,
    role         VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status       VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    KEY memberships_user (user_id, block_id),
    CONSTRAINT memberships_block FOREIGN KEY (block_id) REFERENCES blocks (id),
    CONSTRAINT memberships_apartment FOREIGN KEY (apartment_id) REFERENCES apartments (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

CREATE TABLE logs (
    id              BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    registration_id BINARY(16)  NULL,
    user_id         BIGINT      NOT NULL,
    action          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    block_id        BIGINT      NOT NULL,
    apartment_id    BIGINT      NULL,
    record_id       BIGINT      NOT NULL,
    longitude       DOUBLE      NULL,
    latitude        DOUBLE      NULL,
    created_at      DATETIME(6) NOT NULL,
    UNIQUE KEY logs_registration (registration_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
