-- Written by the release before the ledger: a register that was imported, registered in and imported into again (mariadb-dump).
SET foreign_key_checks = 0;
CREATE TABLE apartments (
  id bigint(20) NOT NULL AUTO_INCREMENT,
  registration_id binary(16) DEFAULT NULL,
  block_id bigint(20) NOT NULL,
  floor smallint(6) NOT NULL,
  number int(11) NOT NULL,
  registered_by bigint(20) DEFAULT NULL,
  registered_at datetime(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY apartments_number (block_id,number),
  UNIQUE KEY apartments_registration (registration_id),
  CONSTRAINT apartments_block FOREIGN KEY (block_id) REFERENCES blocks (id)
) ENGINE=InnoDB AUTO_INCREMENT=1001 DEFAULT CHARSET=utf8mb4;
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (1,NULL,4,1,1,NULL,'2026-11-28 09:46:35.934527');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (2,NULL,4,1,3,NULL,'2026-11-28 09:46:35.934527');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (3,NULL,6,0,10,NULL,'2026-11-28 09:46:35.934527');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (4,NULL,8,2,21,NULL,'2026-11-28 09:46:35.934527');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (5,NULL,5,1,1,NULL,'2026-11-28 09:46:35.934527');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (6,0x01A2218CA95B7F14BCAEE219EA689F41,4,0,12,7,'2026-11-28 09:46:36.251326');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (7,0x01A2218CA9CF728FA84908024B123B6D,4,0,11,7,'2026-11-28 09:46:36.367173');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (8,0x01A2218CA9E67B88BAE477A00123EBE6,4,0,13,7,'2026-11-28 09:46:36.390148');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (9,0x01A2218CA9F5777496F2BF7BD76B759A,4,0,14,7,'2026-11-28 09:46:36.405748');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (10,0x9856C7402A4F514C959391E9BE614BA4,4,2,201,7,'2026-11-28 09:46:36.467827');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (12,0x01A2218CAAC27CC1948AFB58CE580818,4,3,301,13,'2026-11-28 09:46:36.610384');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (13,0x01A2218CAAD2719E90D08613071145DE,6,-1,1,10,'2026-11-28 09:46:36.626084');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (14,0x01A2218CAB2574DA961FCB5E7429E17E,8,1,2,16,'2026-11-28 09:46:36.709039');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (15,0x01A2218CAB5F7B70B5B0A1FFE5A30260,4,3,302,13,'2026-11-28 09:46:36.767416');
INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (1000,NULL,6,-1,900,NULL,'2026-11-28 09:46:36.783712');
CREATE TABLE blocks (
  id bigint(20) NOT NULL,
  name varchar(255) NOT NULL,
  status varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO blocks (id, name, status) VALUES (4,'Block 4','active');
INSERT INTO blocks (id, name, status) VALUES (5,'Block 5','suspended');
INSERT INTO blocks (id, name, status) VALUES (6,'برج النيل','active');
INSERT INTO blocks (id, name, status) VALUES (8,'Block 8','active');
CREATE TABLE goose_db_version (
  id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  version_id bigint(20) NOT NULL,
  is_applied tinyint(1) NOT NULL,
  tstamp datetime DEFAULT current_timestamp(),
  PRIMARY KEY (id)
) ENGINE=InnoDB AUTO_INCREMENT=6 DEFAULT CHARSET=utf8mb4;
INSERT INTO goose_db_version (id, version_id, is_applied, tstamp) VALUES (1,0,1,'2026-11-28 09:46:35');
INSERT INTO goose_db_version (id, version_id, is_applied, tstamp) VALUES (2,1,1,'2026-11-28 09:46:35');
INSERT INTO goose_db_version (id, version_id, is_applied, tstamp) VALUES (3,2,1,'2026-11-28 09:46:35');
INSERT INTO goose_db_version (id, version_id, is_applied, tstamp) VALUES (4,3,1,'2026-11-28 09:46:35');
INSERT INTO goose_db_version (id, version_id, is_applied, tstamp) VALUES (5,4,1,'2026-11-28 09:46:35');
CREATE TABLE logs (
  id bigint(20) NOT NULL AUTO_INCREMENT,
  registration_id binary(16) DEFAULT NULL,
  user_id bigint(20) NOT NULL,
  action varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  block_id bigint(20) NOT NULL,
  apartment_id bigint(20) DEFAULT NULL,
  record_id bigint(20) NOT NULL,
  longitude double DEFAULT NULL,
  latitude double DEFAULT NULL,
  created_at datetime(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY logs_registration (registration_id)
) ENGINE=InnoDB AUTO_INCREMENT=10 DEFAULT CHARSET=utf8mb4;
INSERT INTO logs (id, registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) VALUES (1,0x01A2218CA95B7F14BCAEE219EA689F41,7,'CreateApartment',4,NULL,6,31.2357,30.0444,'2026-11-28 09:46:36.251326');
INSERT INTO logs (id, registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) VALUES (2,0x01A2218CA9CF728FA84908024B123B6D,7,'CreateApartment',4,NULL,7,31.2357,30.0444,'2026-11-28 09:46:36.367173');
INSERT INTO logs (id, registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) VALUES (3,0x01A2218CA9E67B88BAE477A00123EBE6,7,'CreateApartment',4,NULL,8,31.2357,30.0444,'2026-11-28 09:46:36.390148');
INSERT INTO logs (id, registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) VALUES (4,0x01A2218CA9F5777496F2BF7BD76B759A,7,'CreateApartment',4,NULL,9,31.2357,30.0444,'2026-11-28 09:46:36.405748');
INSERT INTO logs (id, registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) VALUES (5,0x9856C7402A4F514C959391E9BE614BA4,7,'CreateApartment',4,1,10,NULL,NULL,'2026-11-28 09:46:36.467827');
INSERT INTO logs (id, registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) VALUES (6,0x01A2218CAAC27CC1948AFB58CE580818,13,'CreateApartment',4,NULL,12,NULL,-0.000001,'2026-11-28 09:46:36.610384');
INSERT INTO logs (id, registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) VALUES (7,0x01A2218CAAD2719E90D08613071145DE,10,'CreateApartment',6,NULL,13,179.99999999,NULL,'2026-11-28 09:46:36.626084');
INSERT INTO logs (id, registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) VALUES (8,0x01A2218CAB2574DA961FCB5E7429E17E,16,'CreateApartment',8,NULL,14,NULL,NULL,'2026-11-28 09:46:36.709039');
INSERT INTO logs (id, registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) VALUES (9,0x01A2218CAB5F7B70B5B0A1FFE5A30260,13,'CreateApartment',4,NULL,15,NULL,NULL,'2026-11-28 09:46:36.767416');
CREATE TABLE memberships (
  id bigint(20) NOT NULL AUTO_INCREMENT,
  user_id bigint(20) NOT NULL,
  block_id bigint(20) NOT NULL,
  apartment_id bigint(20) DEFAULT NULL,
  role varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (id),
  KEY memberships_user (user_id,block_id),
  KEY memberships_block (block_id),
  KEY memberships_apartment (apartment_id),
  CONSTRAINT memberships_apartment FOREIGN KEY (apartment_id) REFERENCES apartments (id),
  CONSTRAINT memberships_block FOREIGN KEY (block_id) REFERENCES blocks (id)
) ENGINE=InnoDB AUTO_INCREMENT=14 DEFAULT CHARSET=utf8mb4;
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (1,7,4,1,'manager','active');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (2,8,4,2,'resident','active');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (3,9,4,2,'manager','pending');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (4,10,6,3,'manager','active');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (5,10,8,4,'manager','active');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (6,11,6,3,'manager','banned');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (7,12,5,5,'manager','active');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (8,13,4,NULL,'manager','active');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (9,14,4,1,'manager','active');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (10,14,4,2,'resident','active');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (11,15,4,2,'cashier','active');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (12,16,8,4,'manager','active');
INSERT INTO memberships (id, user_id, block_id, apartment_id, role, status) VALUES (13,16,8,NULL,'manager','active');
SET foreign_key_checks = 1;
